import { expect, test } from 'vitest'
import { accepted, idOf, testLedger } from '../ledger/fixture.ts'
import { jsonLines, operatorSettings, start } from './refundctl.ts'

const NOTIFY = { LIANLIAN_NOTIFY_URL: 'https://shop.example/notifications/refund' }
const SAY = ['--yes', '--reason', 'moving in', '--as', 'ann']
const row = (no_refund: string, more: object = {}) =>
  `${JSON.stringify({ no_refund, money_refund: '5.00', no_order: `o-${no_refund}`, dt_refund: '20261120093000', ...more })}\n`

function house(more: Readonly<Record<string, string>> = NOTIFY) {
  const at = testLedger()
  const env = { ...operatorSettings(at.prefix), ...more }
  return {
    at,
    bring: async (lines: string, ...options: string[]) => start(['import', '-', ...options], env, lines).ended,
  }
}

test('refunds in flight elsewhere become unknown, due at once, under the name of who brought them in', async () => {
  const { at, bring } = house()
  const { code, out, err } = await bring(row('a') + row('b', { metadata: { note: 'x' } }), ...SAY, '-o', 'jsonl')
  expect(code, err).toBe(0)
  expect(err).toBe('imported 2 refunds, 10.00 yuan\n')
  expect(jsonLines(out)).toMatchObject([
    {
      no_refund: 'a',
      state: 'unknown',
      attempts: 0,
      dt_refund: '20261120093000',
      requested_at: '2026-11-20T01:30:00.000Z',
    },
    { no_refund: 'b', state: 'unknown', metadata: { note: 'x' } },
  ])
  expect((await at.record(idOf('a'))).request?.notify_url).toBe(NOTIFY.LIANLIAN_NOTIFY_URL)
  expect(await at.redis.zcount(at.keys.due, 0, Date.now() + 1_000)).toBe(2)
  const [line] = await at.ledger.trail(idOf('a'))
  expect(JSON.parse(line ?? '')).toMatchObject({ observation: 'import', by: 'ann', attempt: 0 })
})

test('a file may be imported again: what the ledger has is left out', async () => {
  const { bring } = house()
  await bring(row('a'), ...SAY)
  const again = await bring(row('a') + row('b'), ...SAY)
  expect(again).toMatchObject({ code: 0 })
  expect(again.err).toBe('line 1: the same refund; left out\nimported 1 refund, 5.00 yuan\n')
})

test('a faulty line, a missing dt_refund and a number used otherwise keep everything out', async () => {
  const { at, bring } = house()
  await accepted(at, { no_refund: 'here', money_refund: '6.00', no_order: 'o-here' })
  const { code, err } = await bring(
    row('a') + row('b', { dt_refund: undefined }) + row('c', { money_refund: 5 }) + row('here'),
    ...SAY,
  )
  expect(code).toBe(1)
  expect(err).toContain('line 2: dt_refund: required, the one that was sent')
  expect(err).toContain('line 3: money_refund: expected text')
  expect(err).toContain('line 4: no_refund_conflict: here was already used')
  expect(err).toContain('3 faults; nothing was imported')
  expect((await at.ledger.read(idOf('a'))).record).toBeUndefined()
})

test('the notify_url that was sent must be known, by the line or by the settings', async () => {
  const { bring } = house({})
  expect((await bring(row('a'), ...SAY)).err).toContain('line 1: notify_url: required')
  expect((await bring(row('a', { notify_url: 'https://shop.example/n' }), ...SAY)).code).toBe(0)
})

test('a dry run and a run without a reason change nothing, and a warning is told', async () => {
  const { at, bring } = house()
  const dry = await bring(row('a', { dt_order: '20200101000000' }), '--dry-run')
  expect(dry).toMatchObject({ code: 0 })
  expect(dry.err).toContain('line 1: warning: the order is older than ORDER_MAX_AGE_DAYS')
  expect(dry.err).toContain('dry run: would import 1 refund, 5.00 yuan; nothing was imported')
  expect((await bring(row('a'), '--yes')).code).toBe(2)
  expect((await at.ledger.read(idOf('a'))).record).toBeUndefined()
})
