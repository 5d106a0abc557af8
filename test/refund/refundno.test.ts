import { describe, expect, test } from 'vitest'
import type { Notice, Observation, ObservationOf } from '../../src/refund/observation.ts'
import { FEN, MINUTE, notice, POLICY, queries, query, SECOND, submit, submits } from './builders.ts'
import { cancelled, failed, processing, type Story, sending, succeeded, unknown, waiting } from './story.ts'

/** As `submits.accepted` tells it. */
const FIRST = '2013051613121201'
const SECOND_NO = '2013051613121299'
const THIRD = '2013051613121300'

function told(oid_refundno: string, { notice: rest }: ObservationOf<'notice'> = notice('2')): Observation {
  const fields: Notice['fields'] = { ...rest.fields, oid_refundno }
  return { type: 'notice', notice: { ...rest, fields } }
}

const found = (oid_refundno: string, sta_refund = '0') => ({
  kind: 'found' as const,
  fen: FEN,
  fields: { ret_code: '0000', sta_refund, oid_refundno },
})

function warning(story: Story, seen: Observation) {
  const decision = story.after(SECOND).see(seen)
  return decision.kind === 'commit' ? decision.trail.warnings : undefined
}

describe("a second number of the gateway's for one refund", () => {
  test.for([
    ['that is settled by it', processing, '2'],
    ['that is processing still', processing, '1'],
    ['that succeeded', succeeded, '2'],
    ['that succeeded, in a stale word', succeeded, '0'],
    ['that failed', failed, '3'],
  ] as const)('is warned of, and decides nothing else: %s', ([, build, status]) => {
    const plain = build().after(SECOND)
    const before = plain.record
    plain.see(told(FIRST, notice(status)))
    const story = build().after(SECOND)
    const { trail } = story.commit(told(SECOND_NO, notice(status)))
    expect(trail).toMatchObject({
      warnings: ['second_refundno'],
      note: expect.stringContaining('warning: the gateway has told a second oid_refundno'),
    })
    const settles = plain.record !== before && plain.record.state === 'succeeded'
    const [oid_refundno, second_refundno] = settles ? [SECOND_NO, FIRST] : [FIRST, SECOND_NO]
    expect(story.record).toEqual({
      ...plain.record,
      answer: { ...plain.record.answer, oid_refundno },
      second_refundno,
      version: before.version + 1,
      updated_at: story.now,
    })
    expect(story.events.map(({ type, data }) => [type, data.outcome])).toEqual(
      plain.events.map(({ type, data }) => [type, data.outcome]),
    )
  })

  test('stands on the event where the word that has it settles the refund, beside the former in the record', () => {
    const story = processing().sees(told(SECOND_NO))
    expect(story.events).toMatchObject([{ type: 'refund.succeeded', data: { oid_refundno: SECOND_NO } }])
    expect(story.record).toMatchObject({ answer: { oid_refundno: SECOND_NO }, second_refundno: FIRST })
  })

  test('is warned of once a refund, whichever number comes again, and from whom', () => {
    const story = processing().sees(told(SECOND_NO))
    for (const again of [SECOND_NO, FIRST, THIRD, SECOND_NO]) expect(story.see(told(again)).kind).toBe('keep')
    expect(story.see(query(found(SECOND_NO, '2'), story.now)).kind).toBe('keep')
    expect(story.record).toMatchObject({ answer: { oid_refundno: SECOND_NO }, second_refundno: FIRST })
  })

  test('is warned of when an answer tells it: to a query, to a send, to a send that was given up', () => {
    const asked = processing()
    expect(warning(asked, query(found(SECOND_NO), asked.now))).toEqual(['second_refundno'])

    const sent = sending().sees(told(SECOND_NO, notice('0')))
    expect(warning(sent, submit(submits.accepted('0')))).toEqual(['second_refundno'])

    const late = unknown().sees(told(SECOND_NO, notice('2')))
    expect(warning(late, submit(submits.accepted('2'), 'given up'))).toEqual(['second_refundno'])
  })

  test('is warned of beside a hold and beside a contradiction, which stay what they are', () => {
    const held = processing()
    const { record, trail } = held.commit(told(SECOND_NO, notice('2', { fen: FEN + 1 })))
    expect([record.holds, trail.warnings]).toEqual([['amount_mismatch'], ['second_refundno']])
    const contradicted = succeeded().commit(told(SECOND_NO, notice('3')))
    expect(contradicted.record).toMatchObject({ state: 'succeeded', contradiction: true })
    expect(contradicted.trail.warnings).toEqual(['second_refundno'])
  })

  test('keeps its line of the trail when the looks after it say the same', () => {
    const story = processing()
    const ask = (oid_refundno: string) => story.after(MINUTE).commit(query(found(oid_refundno), story.now)).trail
    expect(ask(FIRST).times).toBeUndefined()
    const warned = ask(SECOND_NO)
    expect([warned.warnings, warned.times]).toEqual([['second_refundno'], undefined])
    expect(ask(SECOND_NO)).not.toHaveProperty('times')
    expect(ask(SECOND_NO).times).toBe(2)
  })
})

describe("the gateway's number of a refund", () => {
  test.for([
    ['a notification', told(FIRST)],
    ['an answer', query(found(FIRST, '2'), 0)],
  ] as const)('told again by %s is no warning and nothing new', ([, seen]) => {
    const story = processing()
    expect(warning(story, seen)).toBeUndefined()
    expect(story.record.state).toBe('succeeded')
    for (let n = 0; n < 30; n++) expect(story.see(seen).kind).toBe('keep')
    expect(story.record).not.toHaveProperty('second_refundno')
  })

  test('is learned from the first word that has it, also from one that changes nothing else', () => {
    const story = unknown()
    story.ask(queries.found('2'))
    expect(story.record.answer).not.toHaveProperty('oid_refundno')
    const learned = story.commit(told(FIRST))
    expect(learned).toMatchObject({ record: { state: 'succeeded', events: 1, answer: { oid_refundno: FIRST } } })
    expect([learned.trail.warnings, learned.event]).toEqual([undefined, undefined])
    expect(story.see(told(FIRST)).kind).toBe('keep')
    expect(warning(story, told(SECOND_NO))).toEqual(['second_refundno'])
  })

  test('stays as it was where a word has none', () => {
    const story = processing().sees(notice('2'))
    expect(story.record.answer.oid_refundno).toBe(FIRST)
    expect(story.see(notice('2')).kind).toBe('keep')
  })

  test('is not compared where nothing of ours was sent: that is a contradiction already', () => {
    const rejected = cancelled()
    for (const number of [FIRST, SECOND_NO, FIRST]) expect(warning(rejected, told(number))).toBeUndefined()
    expect(rejected.record).toMatchObject({ state: 'rejected', contradiction: true, answer: {} })
    expect(rejected.record).not.toHaveProperty('second_refundno')

    const waits = waiting()
    expect(warning(waits, told(FIRST))).toBeUndefined()
    expect(waits.record).toMatchObject({ state: 'unknown', holds: ['contradiction'] })
  })

  test('told late, of a send that was given up, keeps a refund that waits to be sent from nothing', () => {
    const story = waiting()
    const { kind } = submits.alreadyKnown
    story.commit(submit({ kind, fields: { ...submits.alreadyKnown.fields, oid_refundno: FIRST } }, 'given up'))
    expect(story.record).toMatchObject({ state: 'waiting', answer: {} })
    story.after(SECOND).see({ type: 'look', permit: story.permit('token-1') })
    expect(story.record).toMatchObject({ state: 'sending', holds: [] })
  })

  test('told of a send that never left keeps it from being sent: somebody else sent it', () => {
    const story = sending().sees(told(FIRST, notice(undefined)))
    story.answer(submits.neverLeft)
    story.after(POLICY.retry.capMs).see({ type: 'look', permit: story.permit('token-2') })
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['contradiction'], foreign: true })
  })
})
