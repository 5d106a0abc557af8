import { expect, test } from 'vitest'
import { whatIsNext } from '../../src/cli/next.ts'
import { HOLD_REASONS, type RefundRecord } from '../../src/refund/record.ts'
import { transition } from '../../src/refund/transition.ts'
import { claimUntil, DATA, job, MINUTE, POLICY, queries, query, submit, submits, T0 } from '../refund/builders.ts'

const options = { policy: POLICY, at: (epochMs: number) => `T+${(epochMs - T0) / 1000}s`, shut: [] }
const words = (record: RefundRecord) => whatIsNext(record, options).join('\n')

/** The refund after these observations, one a minute. */
function after(...observations: Parameters<typeof transition>[1][]): RefundRecord {
  let record: RefundRecord | undefined
  for (const [at, observation] of observations.entries()) {
    const decision = transition(record, observation, POLICY, { now: T0 + at * MINUTE, random: 0.5 })
    if (decision.kind === 'commit') record = { ...decision.record, version: at + 1 }
  }
  if (record === undefined) throw new Error('no refund came of it')
  return record
}

const waiting = after(job(DATA))
const claimed = job(DATA, { permit: claimUntil(T0 + 33_000) })
const unknown = after(claimed, submit(submits.timeout))

test('one that waits is sent, unless sending is stopped', () => {
  expect(words(waiting)).toMatch(/^it is sent/)
  const lines = whatIsNext(waiting, { ...options, shut: ['stopped by ann'] })
  expect(lines).toEqual([expect.stringMatching(/^it waits to be sent/), 'stopped by ann'])
})

test('a request under way is waited for', () => {
  expect(words(after(claimed))).toBe('a request is under way, until T+33s at most; then it is asked about')
})

test('in doubt it is told how many denials are missing, and when the last may come', () => {
  expect(words(unknown)).toContain(
    'once the gateway has denied it 3 times (0 so far), the last time not before T+960s, it is sent again',
  )
  const denied = after(claimed, submit(submits.timeout), query(queries.denied, T0 + 2 * MINUTE))
  expect(words(denied)).toContain('(1 so far)')
})

test('after a refusal enough denials end it', () => {
  expect(words(after(claimed, submit(submits.refusedUnsure)))).toMatch(/it is failed$/)
})

test('what was sent by somebody else is not sent', () => {
  expect(words({ ...unknown, foreign: true })).toContain('we never sent it: it is not sent')
})

test.each(HOLD_REASONS)('held for %s it is told who must do what, and that nothing is sent', (reason) => {
  const held = words({ ...unknown, holds: [reason] })
  expect(held).toMatch(new RegExp(`^held for ${reason}: .+$`, 'm'))
  expect(held).toMatch(/^nothing is sent while it is held; it is asked about meanwhile/m)
})

test('one that was never sent and is held is only looked at', () => {
  expect(words({ ...waiting, holds: ['cap'], next_look: T0 + MINUTE })).toMatch(
    /^nothing is sent while it is held; it was never sent, and is looked at at T\+60s$/m,
  )
})

test('nobody is promised that a release sends before there is balance', () => {
  expect(words({ ...unknown, holds: ['insufficient_balance'] })).not.toMatch(/release/)
})

test('a settled one needs nothing, but for a contradiction', () => {
  const paid = after(claimed, submit(submits.accepted('2')))
  expect(words(paid)).toBe('nothing: it is settled')
  expect(words({ ...paid, contradiction: true, contradiction_note: 'told twice' })).toMatch(
    /^a contradiction waits for a person: told twice; ask LianLian, then: resolve /,
  )
})
