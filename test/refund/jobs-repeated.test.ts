import { describe, expect, test } from 'vitest'
import { STATES } from '../../src/refund/record.ts'
import { BAD_DATA, claimUntil, DAY, DT, job, MINUTE, OTHER_CONTENT, T0 } from './builders.ts'
import { IN_STATE, Story, waiting } from './story.ts'

const CONFLICT = { kind: 'refuse', faults: [expect.stringContaining('no_refund_conflict')] }
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
