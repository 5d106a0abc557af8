import { expect, test } from 'vitest'
import { type MetricsSources, metricsPage, metricsText } from '../../src/metrics/page.ts'
import { figures, readExposition } from './exposition.ts'
import { busy, isListed, NOW, ROLES } from './overview.ts'

const bounds = { roles: ROLES, isListed }
const clocks =
  (...times: number[]) =>
  () =>
    times.shift() ?? NOW
const sources: MetricsSources = {
  ...bounds,
  overview: () => Promise.resolve(busy),
  bullmq: () => Promise.resolve([]),
  clock: () => NOW,
}
const families = readExposition(await metricsText(busy, { ...bounds, clockDriftMs: 1_500 }))
const of = (name: string) => figures(families, name)

test('refunds and their money are told by state, exact to the fen', () => {
  expect(of('refund_refunds')).toEqual({
    'state="waiting"': 1,
    'state="sending"': 2,
    'state="unknown"': 3,
    'state="processing"': 4,
    'state="succeeded"': 50,
    'state="failed"': 6,
    'state="rejected"': 7,
  })
  expect(of('refund_refunds_fen')['state="succeeded"']).toBe(Number.MAX_SAFE_INTEGER)
  expect([of('refund_open'), of('refund_open_fen')]).toEqual([{ '': 10 }, { '': 1_010 }])
  expect([of('refund_held'), of('refund_held_fen')]).toEqual([{ '': 5 }, { '': 505 }])
  expect([of('refund_contradicted'), of('refund_contradicted_fen')]).toEqual([{ '': 9 }, { '': 909 }])
  expect(of('refund_holds')['reason="silence"']).toBe(6)
  expect(of('refund_holds_fen')['reason="silence"']).toBe(66)
})

test('ages are seconds by the clock of Redis, and 0 where nothing is that old', async () => {
  expect(of('refund_oldest_open_age_seconds')).toEqual({ '': 86_400 })
  expect(of('refund_oldest_unknown_age_seconds')).toEqual({ '': 61.5 })
  expect(of('refund_oldest_held_age_seconds')).toEqual({ '': 3_600 })
  expect(of('refund_outbox_lag_seconds')).toEqual({ '': 14 })
  expect(of('refund_sweeper_lag_seconds')).toEqual({ '': 16 })
  expect(of('refund_queue_oldest_waiting_age_seconds')).toEqual({
    'queue="refund"': 37,
    'queue="refund-completed"': 0,
  })
  const { oldestOpen: _open, oldestUnknown: _unknown, oldestHeld: _held, ...rest } = busy
  const idle = readExposition(
    await metricsText(
      { ...rest, outbox: { count: 0 }, due: { count: 0, since: NOW + 5 } },
      { ...bounds, clockDriftMs: 0 },
    ),
  )
  for (const name of ['oldest_open_age', 'oldest_unknown_age', 'oldest_held_age', 'outbox_lag', 'sweeper_lag']) {
    expect(figures(idle, `refund_${name}_seconds`), name).toEqual({ '': 0 })
  }
})

test('calls are counted by outcome and return code, and whatever is in no table is one label together', () => {
  const calls = of('refund_gateway_calls_total')
  expect(calls).toMatchObject({
    'call="submit",outcome="accepted",ret_code="0000"': 100,
    'call="submit",outcome="unclear",ret_code="none"': 7,
    'call="submit",outcome="unclear",ret_code="9999"': 8,
    'call="submit",outcome="unclear",ret_code="unlisted"': 5,
    'call="query",outcome="denied",ret_code="8901"': 5,
  })
  expect(Object.values(calls).reduce((all, one) => all + one)).toBe(100 + 7 + 8 + 5 + 5)
})

test('every outcome, result and type is there before it first happens, so that its first rise is seen', () => {
  expect(of('refund_gateway_calls_total')).toMatchObject({ 'call="submit",outcome="never_left",ret_code="none"': 0 })
  expect(of('refund_notifications_total')).toEqual({
    'result="accepted"': 90,
    'result="duplicate"': 0,
    'result="late"': 0,
    'result="mismatch"': 0,
    'result="unmatched"': 0,
    'result="bad_signature"': 2,
    'result="unreadable"': 0,
    'result="limited"': 0,
  })
  expect(of('refund_events_total')).toMatchObject({ 'type="refund.succeeded"': 50, 'type="refund.corrected"': 0 })
  expect(of('refund_gateway_call_duration_seconds_count')).toMatchObject({ 'call="query",outcome="found"': 0 })
})

test('a histogram cumulates what the ledger counts bucket by bucket, in seconds', () => {
  const buckets = of('refund_gateway_call_duration_seconds_bucket')
  const accepted = (le: string) => buckets[`le="${le}",call="submit",outcome="accepted"`]
  expect(['0.05', '0.1', '0.25', '0.5', '30', '+Inf'].map(accepted)).toEqual([0, 60, 60, 99, 99, 100])
  const labels = 'call="submit",outcome="accepted"'
  expect(of('refund_gateway_call_duration_seconds_sum')[labels]).toBe(45.678)
  expect(of('refund_gateway_call_duration_seconds_count')[labels]).toBe(100)
  expect(of('refund_settle_duration_seconds_count')).toEqual({
    'state="succeeded"': 50,
    'state="failed"': 0,
    'state="rejected"': 0,
  })
})

test('gates are 1 at their state and 0 at the others, and a stop is told for the merchant and the fleet', async () => {
  const partner = 'oid_partner="201103171000000001"'
  expect(of('refund_merchant_breaker')).toMatchObject({
    [`${partner},gate="shut"`]: 1,
    [`${partner},gate="open"`]: 0,
    'oid_partner="201103171000000000",gate="open"': 1,
  })
  expect(of('refund_merchant_balance')).toMatchObject({
    [`${partner},gate="probing"`]: 1,
    [`${partner},gate="shut"`]: 0,
  })
  expect(of('refund_merchant_stopped')).toEqual({ 'oid_partner="201103171000000000"': 0, [partner]: 1 })
  expect(of('refund_fleet_stopped')).toEqual({ '': 0 })
  const stopped = { ...busy, stopped: { by: 'li', at: NOW, reason: 'the bank asked' } }
  const told = readExposition(await metricsText(stopped, { ...bounds, clockDriftMs: 0 }))
  expect(figures(told, 'refund_fleet_stopped')).toEqual({ '': 1 })
})

test('only queues that are there and roles that are known have a sample', () => {
  expect(of('refund_jobs_failed_total')).toEqual({ 'queue="refund"': 22, 'queue="refund-completed"': 0 })
  expect(of('refund_jobs_stalled_total')['queue="refund"']).toBe(21)
  expect(of('refund_jobs_unreadable_total')['queue="refund"']).toBe(23)
  expect(of('refund_queue_jobs')['queue="refund",job_state="delayed"']).toBe(34)
  expect(of('refund_queue_paused')).toEqual({ 'queue="refund"': 1, 'queue="refund-completed"': 0 })
  expect(of('refund_workers')).toEqual({
    'role="submit"': 2,
    'role="query"': 1,
    'role="publish"': 1,
    'role="receive"': 1,
    'role="admin"': 1,
  })
})

test('a role that nobody has is told as 0, not left out', async () => {
  const told = readExposition(await metricsText({ ...busy, alive: [] }, { ...bounds, clockDriftMs: 0 }))
  expect(figures(told, 'refund_workers')).toMatchObject({ 'role="submit"': 0, 'role="publish"': 0 })
})

test('nothing of a reason, a person or a fault of Redis is on the page', async () => {
  const page = await metricsPage({ ...sources })()
  for (const text of ['the bank asked', 'li"', 'A-1', 'everysec', '"4711"', 'strange', 'of tomorrow', 'is-gone']) {
    expect(page).not.toContain(text)
  }
})

test('of the clock only what the scrape itself cannot explain is drift', async () => {
  const driftBetween = async (asked: number, answered: number) => {
    const read = readExposition(await metricsPage({ ...sources, clock: clocks(asked, answered) })())
    return figures(read, 'refund_clock_drift_seconds')['']
  }
  expect(await driftBetween(NOW - 3_000, NOW + 3_000)).toBe(0)
  expect(await driftBetween(NOW + 2_000, NOW + 2_500)).toBe(2)
  expect(await driftBetween(NOW - 2_500, NOW - 2_000)).toBe(-2)
})

test('two scrapes tell the same of the same fleet', async () => {
  const page = metricsPage(sources)
  const fleet = (text: string) => text.slice(0, text.indexOf('process_cpu'))
  expect(fleet(await page())).toBe(fleet(await page()))
})

test.each([
  ['the ledger or the queues', { overview: () => Promise.reject(new Error('redis is away')) }],
  ["BullMQ's own figures", { bullmq: () => Promise.reject(new Error('redis is away')) }],
])('nothing is told when %s cannot be read', async (_what, broken) => {
  const page = metricsPage({ ...sources, ...broken })
  await expect(page()).rejects.toThrow('redis is away')
})
