import { describe, expect, test } from 'vitest'
import type { LimitBreach } from '../../src/refund/observation.ts'
import { STATES } from '../../src/refund/record.ts'
import {
  BAD_DATA,
  blockedUntil,
  claimUntil,
  DAY,
  DT,
  EAGER,
  job,
  MINUTE,
  notice,
  NUMBER,
  OTHER_CONTENT,
  POLICY,
  PARTNER,
  queries,
  SECOND,
  submits,
  T0,
} from './builders.ts'
import { cancelled, IN_STATE, inDoubt, rejected, Story, succeeded, waiting } from './story.ts'

const CONFLICT = { kind: 'refuse', faults: [expect.stringContaining('no_refund_conflict')] }

describe('a first job', () => {
  test('waits, due at once, when no send is offered', () => {
    const { record } = waiting()
    expect(record).toMatchObject({ state: 'waiting', holds: [], attempts: [], next_look: T0, requested_at: T0 })
    expect(record.request).toMatchObject({ no_refund: NUMBER, fen: 20_001, dt_refund: DT })
  })

  test('is claimed in the same decision when a send is offered', () => {
    const story = new Story()
    story.commit(job({}, { permit: claimUntil(T0 + 33_000, 'mine') }))
    expect(story.record).toMatchObject({
      state: 'sending',
      claim: { token: 'mine', deadline: T0 + 33_000 },
      attempts: [{ number: 1, fate: 'open', quarantine: 'full', denials: 0 }],
      next_look: T0 + 33_000,
    })
  })

  test('waits until the time that a refused send names', () => {
    const story = new Story()
    story.commit(job({}, { permit: blockedUntil(T0 + 5 * SECOND) }))
    expect(story.record).toMatchObject({ state: 'waiting', attempts: [], next_look: T0 + 5 * SECOND })
  })

  test('above MAX_REFUND is held as cap and not claimed', () => {
    const story = new Story({ ...POLICY, maxRefundFen: 20_000 })
    story.commit(job({}, { permit: story.permit('t') }))
    expect(story.record).toMatchObject({ state: 'waiting', holds: ['cap'], attempts: [] })
    expect(waiting({ ...POLICY, maxRefundFen: 20_001 }).record.holds).toEqual([])
  })

  test('beyond the sum of the day is held as cap and not claimed', () => {
    const story = new Story()
    story.commit(job({}, { breach: 'daily_cap', permit: story.permit('t') }))
    expect(story.record).toMatchObject({ state: 'waiting', holds: ['cap'], attempts: [] })
  })

  test('of an order whose sum is frozen is held as contradiction and not claimed', () => {
    const story = new Story()
    story.commit(job({}, { breach: 'order_frozen', permit: story.permit('t') }))
    expect(story.record).toMatchObject({ state: 'waiting', holds: ['contradiction'], attempts: [] })
  })
})

describe('a job that is rejected', () => {
  test.for([
    ['with bad data', job(BAD_DATA)],
    ['over the order amount', job({}, { breach: 'over_refund' })],
    ['with another order_amount than the order’s first', job({}, { breach: 'order_amount_differs' })],
  ] as const)('%s has its event and was never sent', ([, seen]) => {
    const story = new Story()
    const { event } = story.commit({ ...seen, permit: claimUntil(T0 + 33_000) })
    expect(story.record).toMatchObject({ state: 'rejected', settled_by: 'validation', attempts: [] })
    expect(story.record.reasons.length).toBeGreaterThan(0)
    expect(event).toMatchObject({ type: 'refund.rejected', data: { outcome: 'rejected', attempts: 0 } })
  })

  test('without a usable number or merchant only fails, with its faults', () => {
    expect(new Story().see(job({ no_refund: 'a b' }))).toMatchObject({ kind: 'refuse', faults: [expect.any(String)] })
    expect(new Story().see(job({ oid_partner: '7' }))).toMatchObject({ kind: 'refuse' })
  })
})

describe('a number that was rejected', () => {
  test.for([
    ['bad data', job(BAD_DATA)],
    ['over-refund', job({}, { breach: 'over_refund' })],
  ] as const)('stays as it is when the same content comes again (%s)', ([, seen]) => {
    const story = waiting(POLICY, seen)
    const before = story.record
    expect(story.after(DAY).see({ ...seen, permit: claimUntil(T0 + 2 * DAY) }).kind).not.toBe('commit')
    expect(story.record).toBe(before)
  })

  test('is not opened by the same content after a person cancelled it', () => {
    expect(cancelled().see(job({}, { permit: claimUntil(T0 + DAY) })).kind).toBe('keep')
  })

  test.for([
    ['bad data', rejected],
    ['cancelled', cancelled],
  ] as const)('opens again with other, valid content, and may be sent (%s)', ([, build]) => {
    const story = build()
    story.after(MINUTE).commit(job(OTHER_CONTENT, { permit: story.permit('t') }))
    expect(story.record).toMatchObject({ state: 'sending', reasons: [], attempts: [{ number: 1 }], request: { fen: 20_002 } })
    expect(story.record.settled_by).toBeUndefined()
  })

  test('is rejected anew, with another event, by other bad content', () => {
    const story = rejected()
    story.commit(job({ money_refund: '.5' }))
    expect(story.events.map(({ id }) => id)).toEqual([`${PARTNER}/${NUMBER}/1`, `${PARTNER}/${NUMBER}/2`])
  })

  test('never opens again once the gateway contradicted it', () => {
    const story = cancelled().then(notice('2'))
    expect(story.see(job(OTHER_CONTENT, { permit: claimUntil(T0 + DAY) }))).toMatchObject(CONFLICT)
  })
})

const LIVING = STATES.filter((state) => state !== 'rejected')

describe('another job for a number in use', () => {
  test.for(LIVING)('with the same content starts nothing (%s)', (state) => {
    const story = IN_STATE[state]()
    const again = job({}, { job: 'job-2', at: T0 + MINUTE, permit: claimUntil(T0 + DAY, 'second') })
    expect(story.after(MINUTE).see(again).kind).toBe('keep')
  })

  test.for(LIVING)('with other content conflicts and changes nothing (%s)', (state) => {
    const story = IN_STATE[state]()
    const before = story.record
    expect(story.see(job(OTHER_CONTENT, { permit: claimUntil(T0 + DAY) }))).toMatchObject(CONFLICT)
    expect(story.record).toBe(before)
  })

  test.for(LIVING)('with bad data fails and changes nothing (%s)', (state) => {
    const story = IN_STATE[state]()
    expect(story.see(job(BAD_DATA))).toMatchObject({ kind: 'refuse', faults: [expect.any(String)] })
  })

  test.for([
    ['notify_url', { notify_url: 'https://merchant.example/other' }],
    ['metadata', { metadata: { a: 'b' } }],
    ['order_amount', { order_amount: '500' }],
    ['the dt_refund that was frozen', { dt_refund: DT }],
  ] as const)('is the same refund with another %s, and the first wins', ([, data]) => {
    expect(waiting().see(job(data)).kind).toBe('keep')
  })

  test('is the same refund though its default dt_refund would be another', () => {
    const story = waiting()
    expect(story.see(job({}, { at: T0 + DAY })).kind).toBe('keep')
    expect(story.record.request?.dt_refund).toBe(DT)
  })

  test.for([
    ['kind', { kind: 'exchange' }],
    ['no_order', { no_order: 'x' }],
    ['oid_paybill', { oid_paybill: 'x' }],
    ['dt_order', { dt_order: '20130514094018' }],
    ['dt_refund where given', { dt_refund: '20261121200001' }],
  ] as const)('conflicts by %s', ([, data]) => {
    expect(waiting().see(job(data))).toMatchObject(CONFLICT)
  })
})

describe('a job whose number is a tombstone', () => {
  test('completes with the same content and is never sent', () => {
    const tombstone = { content: job().parsed.content }
    const same = job({ metadata: { a: 'b' } }, { tombstone, permit: claimUntil(T0 + DAY) })
    expect(new Story().see(same).kind).toBe('keep')
  })

  test('conflicts with other content', () => {
    const tombstone = { content: job().parsed.content }
    expect(new Story().see(job(OTHER_CONTENT, { tombstone, permit: claimUntil(T0 + DAY) }))).toMatchObject(CONFLICT)
  })

  test('fails with bad data, without an event', () => {
    const tombstone = { content: job().parsed.content }
    expect(new Story().see(job(BAD_DATA, { tombstone })).kind).toBe('refuse')
  })
})

describe('a job that may have been sent before', () => {
  const old = T0 - POLICY.maxJobAgeMs - 1
  const permit = claimUntil(T0 + 33_000)

  test.for([
    ['its timestamp is older than MAX_JOB_AGE_MS', job({}, { at: old, permit })],
    ['its dt_refund is older than MAX_JOB_AGE_MS', job({ dt_refund: '20260101000000' }, { permit })],
    ['its timestamp is older than a safe-start', job({}, { at: T0 - MINUTE, safeStart: T0 - SECOND, permit })],
    ['its dt_refund is older than a safe-start', job({ dt_refund: '20261121195900' }, { safeStart: T0 - SECOND, permit })],
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
    expect(waiting(POLICY, job({}, { at: old, breach })).record).toMatchObject({ state: 'unknown', holds: [hold] })
  })

  test('is never rejected for its order amount, as that would say that it was not sent', () => {
    const story = waiting(POLICY, job({}, { at: old, breach: 'over_refund' }))
    expect(story.record.state).toBe('unknown')
    expect(story.record.holds).not.toEqual([])
    expect(story.events).toEqual([])
  })
})

test('what was accepted first is what stays: a settled refund keeps its request byte for byte', () => {
  const story = waiting()
  const { request } = story.record
  expect(succeeded().record.request).toEqual(request)
})
