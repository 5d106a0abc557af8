import { describe, expect, test } from 'vitest'
import {
  BAD_DATA,
  blockedUntil,
  claimUntil,
  DAY,
  DT,
  job,
  MINUTE,
  NUMBER,
  notice,
  OTHER_CONTENT,
  PARTNER,
  POLICY,
  SECOND,
  T0,
} from './builders.ts'
import { cancelled, rejected, Story, succeeded, waiting } from './story.ts'

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
    story.commit(job({}, { breaches: ['daily_cap'], permit: story.permit('t') }))
    expect(story.record).toMatchObject({ state: 'waiting', holds: ['cap'], attempts: [] })
  })

  test('of an order whose sum is frozen is held as contradiction and not claimed', () => {
    const story = new Story()
    story.commit(job({}, { breaches: ['order_frozen'], permit: story.permit('t') }))
    expect(story.record).toMatchObject({ state: 'waiting', holds: ['contradiction'], attempts: [] })
  })

  test('is held for every limit that it breaks, so that releasing one waves no other through', () => {
    const story = new Story()
    story.commit(job({}, { breaches: ['order_frozen', 'daily_cap'], permit: story.permit('t') }))
    expect(story.record.holds).toEqual(['contradiction', 'cap'])
  })
})

describe('a job that is rejected', () => {
  test.for([
    ['with bad data', job(BAD_DATA)],
    ['over the order amount', job({}, { breaches: ['over_refund'] })],
    ['with another order_amount than the order’s first', job({}, { breaches: ['order_amount_differs'] })],
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
    ['over-refund', job({}, { breaches: ['over_refund'] })],
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
    expect(story.record).toMatchObject({
      state: 'sending',
      reasons: [],
      attempts: [{ number: 1 }],
      request: { fen: 20_002 },
    })
    expect(story.record.settled_by).toBeUndefined()
  })

  test('is rejected anew, with another event, by other bad content', () => {
    const story = rejected()
    story.commit(job({ money_refund: '.5' }))
    expect(story.events.map(({ id }) => id)).toEqual([`${PARTNER}/${NUMBER}/1`, `${PARTNER}/${NUMBER}/2`])
  })

  test('never opens again once the gateway contradicted it', () => {
    const story = cancelled().sees(notice('2'))
    expect(story.see(job(OTHER_CONTENT, { permit: claimUntil(T0 + DAY) }))).toMatchObject(CONFLICT)
  })
})

test('what was accepted first is what stays: a settled refund keeps its request byte for byte', () => {
  const story = waiting()
  const { request } = story.record
  expect(succeeded().record.request).toEqual(request)
})
