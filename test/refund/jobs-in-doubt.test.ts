import { describe, expect, test } from 'vitest'
import type { LimitBreach } from '../../src/refund/observation.ts'
import { claimUntil, DT, EAGER, job, MINUTE, POLICY, queries, SECOND, submits, T0 } from './builders.ts'
import { inDoubt, Story, waiting } from './story.ts'

describe('a job that may have been sent before', () => {
  const old = T0 - POLICY.maxJobAgeMs - 1
  const permit = claimUntil(T0 + 33_000)

  test.for([
    ['its timestamp is older than MAX_JOB_AGE_MS', job({}, { at: old, permit })],
    ['its dt_refund is older than MAX_JOB_AGE_MS', job({ dt_refund: '20260101000000' }, { permit })],
    ['its timestamp is older than a safe-start', job({}, { at: T0 - MINUTE, safeStart: T0 - SECOND, permit })],
    [
      'its dt_refund is older than a safe-start',
      job({ dt_refund: '20261121195900' }, { safeStart: T0 - SECOND, permit }),
    ],
    ['a notification came before it', job({}, { unmatched: {}, permit })],
  ] as const)('is asked about first: %s', ([, seen]) => {
    const story = new Story()
    story.commit(seen)
    expect(story.record).toMatchObject({
      state: 'unknown',
      attempts: [{ number: 0, fate: 'open', quarantine: 'full', quarantined_from: T0 }],
      next_look: T0,
    })
    expect(story.record.claim).toBeUndefined()
  })

  test.for([
    ['it is just young enough', job({}, { at: T0 - POLICY.maxJobAgeMs })],
    ['it is younger than the safe-start', job({}, { at: T0, safeStart: T0 })],
  ] as const)('is not asked about: %s', ([, seen]) => {
    expect(waiting(POLICY, seen).record.state).toBe('waiting')
  })

  test('takes the dt_refund of the notification that came before it', () => {
    const story = waiting(POLICY, job({}, { unmatched: { dt_refund: '20261121195959' } }))
    expect(story.record.request?.dt_refund).toBe('20261121195959')
  })

  test('is the same refund when it is seen again, though the notification had another dt_refund', () => {
    const dated = { dt_refund: '20261121190000' }
    const story = waiting(POLICY, job(dated, { unmatched: { dt_refund: '20261121195959' } }))
    expect(story.see(job(dated)).kind).toBe('keep')
  })

  test('is sent after enough denials, as attempt 1, and attempt 0 is not counted', () => {
    const story = inDoubt(EAGER)
    story.ask(queries.denied, 't')
    expect(story.record).toMatchObject({ state: 'sending', attempts: [{ number: 0 }, { number: 1 }] })
    story.answer(submits.accepted('2'))
    expect(story.events[0]?.data.attempts).toBe(1)
  })

  test('is held as contradiction, not sent, when a notification came before it and the gateway denies it', () => {
    const story = waiting(EAGER, job({}, { unmatched: { dt_refund: DT } }))
    story.ask(queries.denied, 't')
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['contradiction'] })
  })

  test('is held as cap when it is above MAX_REFUND, and not sent after enough denials', () => {
    const story = new Story({ ...EAGER, maxRefundFen: 20_000 })
    story.commit(job({}, { at: old }))
    expect(story.record.holds).toEqual(['cap'])
    story.ask(queries.denied, 't')
    expect(story.record.state).toBe('unknown')
  })

  test.for([
    ['daily_cap', 'cap'],
    ['order_frozen', 'contradiction'],
  ] as const satisfies readonly (readonly [LimitBreach, string])[])('is held on %s as %s', ([breach, hold]) => {
    expect(waiting(POLICY, job({}, { at: old, breaches: [breach] })).record).toMatchObject({
      state: 'unknown',
      holds: [hold],
    })
  })

  test('is never rejected for its order amount, as that would say that it was not sent', () => {
    const story = waiting(POLICY, job({}, { at: old, breaches: ['over_refund'] }))
    expect(story.record.state).toBe('unknown')
    expect(story.record.holds).not.toEqual([])
    expect(story.events).toEqual([])
  })
})
