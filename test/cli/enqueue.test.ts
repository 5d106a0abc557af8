import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue } from 'bullmq'
import { expect, test } from 'vitest'
import { accepted, idOf, testLedger } from '../ledger/fixture.ts'
import { operator } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis } from '../support/redis.ts'
import { jsonLines, operatorSettings, refundctl, start } from './refundctl.ts'

const ONE = ['--no_refund', 'R1', '--money_refund', '5.00', '--no_order', 'o-1']

function shop() {
  const at = testLedger()
  const env = operatorSettings(at.prefix)
  const queue = new Queue('refund', { connection: openRedis(), prefix: env.QUEUE_PREFIX ?? '' })
  cleanUp(() => queue.close())
  const folder = mkdtempSync(join(tmpdir(), 'refundctl-'))
  cleanUp(() => rmSync(folder, { recursive: true }))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  return { at, env, queue, file, ctl: refundctl(env), data: async () => (await queue.getJobs()).map((job) => job.data) }
}

const lines = (count: number) =>
  Array.from({ length: count }, (_, at) => `{"no_refund":"N${at}","money_refund":"2.50","no_order":"o-${at}"}\n`).join(
    '',
  )

test('one refund is added by its fields or as JSON, and adding it again is harmless', async () => {
  const { ctl, data } = shop()
  expect(await ctl('enqueue', ...ONE, '--metadata', 'a=b', '--metadata', 'c=d=e')).toMatchObject({ code: 0 })
  expect(await ctl('enqueue', '{"no_refund":"R1","money_refund":"5","no_order":"o-1"}')).toMatchObject({ code: 0 })
  expect(await data()).toEqual([
    {
      oid_partner: '201103171000000000',
      no_refund: 'R1',
      money_refund: '5.00',
      no_order: 'o-1',
      metadata: { a: 'b', c: 'd=e' },
    },
  ])
})

test('what the ledger has already is left out, and a number that it used otherwise is refused', async () => {
  const { at, ctl, data, file } = shop()
  await accepted(at, { no_refund: 'R1', money_refund: '5.00', no_order: 'o-1' })
  await accepted(at, { no_refund: 'R2', money_refund: '6.00', no_order: 'o-2' })
  await at.see(idOf('R2'), operator.cancel)
  const row = (no_refund: string, money_refund: string, no_order: string) =>
    `${JSON.stringify({ no_refund, money_refund, no_order })}\n`
  const known = file('known.ndjson', row('R1', '5.00', 'o-1') + row('R2', '6.00', 'o-2') + row('R3', '7.00', 'o-3'))
  const added = await ctl('enqueue', '--file', known)
  expect(added.code, added.err).toBe(0)
  expect(added.err).toContain('line 1: R1 is waiting already; left out')
  expect(added.err).toContain('line 2: R2 is rejected already; left out')
  expect(added.err).toContain('added 1 refund, 7.00 yuan')
  const other = file('other.ndjson', row('R1', '5.01', 'o-1') + row('R2', '6.01', 'o-2'))
  const refused = await ctl('enqueue', '--file', other)
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.err).toContain('line 1: R1 was used for a refund with other content')
  expect(refused.err).not.toContain('line 2')
  expect(await data()).toHaveLength(1)
})

test('faults are told all at once, and a number that waits with other content is refused', async () => {
  const { ctl, data } = shop()
  const wrong = await ctl('enqueue', '{"no_refund":"R1","money_order":"5.00","money_refund":5}')
  expect(wrong.code).toBe(1)
  expect(wrong.err).toContain('money_order: unknown field (the amount to refund is money_refund)')
  expect(wrong.err).toContain('no_order: this or oid_paybill is required')
  await ctl('enqueue', ...ONE)
  const other = await ctl('enqueue', '--no_refund', 'R1', '--money_refund', '6.00', '--no_order', 'o-1')
  expect(other).toMatchObject({ code: 1, err: expect.stringContaining('no_refund_conflict: R1') })
  expect(await data()).toHaveLength(1)
})

test('a file with a faulty line adds nothing, unless faulty lines are to be skipped', async () => {
  const { ctl, data, file } = shop()
  const path = file('refunds.csv', 'no_refund,money_refund,no_order\nR1,5.00,o-1\nR2,5.,o-2\nR3,7.00,o-3\n')
  const { code, err } = await ctl('enqueue', '--file', path)
  expect(code).toBe(1)
  expect(err).toMatch(/^line 3: money_refund: expected yuan/)
  expect(err).toContain('refundctl: 1 fault; nothing was added')
  expect(await data()).toEqual([])
  const skipped = await ctl('enqueue', '--file', path, '--skip-faulty', '-o', 'jsonl')
  expect(skipped.code).toBe(1)
  expect(jsonLines(skipped.out).map(({ no_refund }) => no_refund)).toEqual(['R1', 'R3'])
  expect(skipped.err).toContain('added 2 refunds, 12.00 yuan')
})

test('a dry run tells number and sum and adds nothing', async () => {
  const { ctl, data, file } = shop()
  const { code, err } = await ctl('enqueue', '--file', file('refunds.ndjson', lines(3)), '--dry-run')
  expect(code).toBe(0)
  expect(err).toBe('dry run: would add 3 refunds, 7.50 yuan; nothing was added\n')
  expect(await data()).toEqual([])
})

test('many are added from stdin, and a reason is remembered with the sum', async () => {
  const { at, env, queue } = shop()
  const { code, err } = await start(['enqueue', '--file', '-', '--reason', 'recall', '--as', 'ann'], env, lines(250))
    .ended
  expect(code, err).toBe(0)
  expect(await queue.getWaitingCount()).toBe(250)
  expect((await at.ledger.view([])).operations).toMatchObject([
    { by: 'ann', action: 'enqueue 250 refunds, 625.00 yuan', reason: 'recall' },
  ])
})

test('Ctrl-C lets what is under way end, and tells what was added', { timeout: 60_000 }, async () => {
  const { env, queue, file } = shop()
  const all = 60_000
  const running = start(['enqueue', '--file', file('many.ndjson', lines(all)), '-o', 'jsonl'], env)
  await eventually(async () => (await queue.getWaitingCount()) > 0, { timeoutMs: 40_000, intervalMs: 5 })
  running.signal('SIGINT')
  const { code, out, err } = await running.ended
  expect(code).toBe(1)
  expect(err).toContain('refundctl: stopped; the rest was not added')
  const added = await queue.getWaitingCount()
  expect(added).toBeLessThan(all)
  expect(jsonLines(out)).toHaveLength(added)
})
