import { expect, test } from 'vitest'
import { shares } from '../../bench/support/profile-shares.ts'

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children,
})

test('time in a call counts for the innermost part on its stack, and idle time for none', () => {
  const profile = {
    nodes: [
      node(1, '(root)', '', [2, 5, 6]),
      node(2, 'submit', 'file:///app/src/flows/submit.ts', [3]),
      node(3, 'sign', 'file:///app/node_modules/node-rsa/dist/index.node.cjs', [4]),
      node(4, 'signOneShot', ''),
      node(5, '(idle)', ''),
      node(6, '(garbage collector)', ''),
    ],
    samples: [2, 3, 4, 5, 6],
    timeDeltas: [1_000, 2_000, 3_000, 50_000, 4_000],
  }
  expect(shares(profile)).toEqual({ decision: 1, 'signing and verifying': 5, 'garbage collection': 4 })
})

test('a message belongs to the HTTP that carries it, whoever reads it there, and what is ours to what it does', () => {
  const urls = [
    ['file:///app/node_modules/got/dist/source/core/index.js', 'HTTP'],
    ['file:///app/src/lianlian/transport.ts', 'HTTP'],
    ['file:///app/node_modules/fastify/lib/route.js', 'HTTP'],
    ['file:///app/src/http/receiver.ts', 'HTTP'],
    ['file:///app/src/lianlian/keys.ts', 'signing and verifying'],
    ['file:///app/src/lianlian/answer.ts', 'decision'],
    ['file:///app/src/ledger/codec.ts', 'ledger and outbox'],
    ['file:///app/node_modules/@pinojs/redact/index.js', 'logging'],
    ['node:internal/timers', 'Node.js (sockets, timers)'],
  ]
  for (const [url = '', part = ''] of urls) {
    const nodes = [node(1, '(root)', '', [2]), node(2, 'any', url)]
    expect(shares({ nodes, samples: [2], timeDeltas: [1_000] })).toEqual({ [part]: 1 })
  }
})
