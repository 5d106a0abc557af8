import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Queue } from 'bullmq'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventOf } from '../consumer/bench.ts'
import { cleanUp } from '../support/clean-up.ts'
import { openRedis, testNamespace } from '../support/redis.ts'
import { type Installed, installPacked } from './packed.ts'
import { faultsOfTypeScript59 } from './typescript-5.9.ts'

const PARTNER = '201103171000000000'
const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
const run = promisify(execFile)

let installed: Installed
beforeAll(async () => {
  installed = await installPacked()
}, 300_000)
afterAll(async () => await installed?.remove())

describe('the packed tarball in an empty project', () => {
  test.for([
    ['import', 'push.mjs'],
    ['require', 'push.cjs'],
  ] as const)('enqueues and consumes by %s', async ([, file]) => {
    const { redisUrl, queuePrefix: prefix, ledgerPrefix } = testNamespace()
    const number = file.replace('.', '-')
    const queues = ['refund', `completed-${number}`].map((name) => {
      const queue = new Queue(name, { connection: openRedis(redisUrl), prefix })
      cleanUp(async () => await queue.close())
      return queue
    })
    const event = eventOf(number)
    await queues[1]?.add(event.type, event)
    const printed = await installed.node(file, {
      REDIS_URL: redisUrl,
      PREFIX: prefix,
      LEDGER_PREFIX: ledgerPrefix,
      NUMBER: number,
    })
    expect(JSON.parse(printed)).toEqual({
      enqueued: { no_refund: number, job: `refund-${PARTNER}-${number}` },
      state: 'queued',
      event,
      read: true,
      title: 'Refund',
      source: 'a=1&b=2',
    })
    expect((await queues[0]?.getWaiting())?.map(({ data }) => data)).toEqual([
      { oid_partner: PARTNER, no_refund: number, money_refund: '200.01', no_order: '7' },
    ])
  })

  test('has types that TypeScript 7 takes, for both module systems', async () => {
    expect((await run(process.execPath, [TSC, '--version'])).stdout).toContain(' 7.')
    // on a fault what it printed is in the error
    await run(process.execPath, [TSC, '-p', join(installed.project, 'tsconfig.json')])
  }, 120_000)

  test('has types that TypeScript 5.9 takes, for both module systems', () => {
    expect(faultsOfTypeScript59(join(installed.project, 'tsconfig.json'))).toBe('')
  }, 120_000)

  test('has its schemas as files', async () => {
    const imports = `import a from 'lianlian-refund-worker/schemas/refund.schema.json' with { type: 'json' }
      import b from 'lianlian-refund-worker/schemas/refund-event.schema.json' with { type: 'json' }
      console.log(a.title, b.title)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', imports], { cwd: installed.project })
    expect(stdout).toBe('Refund RefundEvent\n')
  })
})

test('publint has nothing to say about the tarball', async () => {
  const bytes = await readFile(installed.tarball)
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
})
