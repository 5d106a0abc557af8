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
