import { describe, expect, test } from 'vitest'
import type { ObservationOf } from '../../src/refund/observation.ts'
import type { State } from '../../src/refund/record.ts'
import { transition } from '../../src/refund/transition.ts'
import { EAGER, FEN, job, notice, operator, POLICY, queries, SECOND, submits } from './builders.ts'
import {
  cancelled,
  failed,
  inDoubt,
  processing,
  rejected,
  Story,
  sending,
  succeeded,
  unknown,
  waiting,
} from './story.ts'

const SENT = [
  ['sending', sending],
  ['unknown', unknown],
  ['processing', processing],
  ['unknown with attempt 0', inDoubt],
] as const

const MISMATCHES = [
  ['another amount', { fen: FEN + 1 }],
  ['another dt_refund', { dt_refund: '20261121200001' }],
] as const

function withCode({ type, notice: told }: ObservationOf<'notice'>, ret_code: string): ObservationOf<'notice'> {
  return { type, notice: { ...told, fields: { ...told.fields, ret_code } } }
}

describe('a notification of a refund that may have been sent', () => {
  test.for(SENT)('settles it by sta_refund (%s)', ([, build]) => {
    for (const [status, state] of [
      ['2', 'succeeded'],
      ['3', 'failed'],
    ] as const) {
      const story = build().after(SECOND)
      const dt_refund = story.record.request?.dt_refund
      story.commit(notice(status, { dt_refund }))
      expect(story.record).toMatchObject({ state, settled_by: 'notification' })
      expect(story.events).toMatchObject([{ type: `refund.${state}`, data: { settled_by: 'notification' } }])
    }
  })

  test.for(['0', '1', '7'])('with sta_refund %s says that the gateway has it', (status) => {
    expect(unknown().sees(notice(status)).record).toMatchObject({
      state: 'processing',
      attempts: [{ fate: 'accepted' }],
    })
    expect(sending().sees(notice(status)).record.state).toBe('processing')
    expect(processing().see(notice(status)).kind).toBe('keep')
  })

  test.for(MISMATCHES)('with %s holds it and settles nothing', ([, differing]) => {
    for (const build of [sending, unknown, processing]) {
      const story = build().sees(notice('2', differing))
      expect(story.record.holds).toEqual(['amount_mismatch'])
      expect(story.events).toEqual([])
      expect(story.see(notice('2', differing)).kind).toBe('keep')
    }
  })

  test.for([
    ['amount', notice('2', { fen: undefined })],
    ['dt_refund', notice('2', { dt_refund: undefined })],
    ['status', notice(undefined)],
    ['the code 0000', withCode(notice('2'), '9999')],
  ] as const)('without %s settles nothing and makes it due for a query at once', ([, seen]) => {
    for (const build of [unknown, processing]) {
      const story = build().sees(seen)
      expect(story.record).toMatchObject({ holds: [], next_look: story.now })
      expect(story.events).toEqual([])
    }
    const story = sending()
    story.see(seen)
    expect(story.record.state).toBe('sending')
  })

  test('that is held is settled all the same', () => {
    const story = processing().sees(operator.hold, notice('2'))
    expect(story.record).toMatchObject({ state: 'succeeded', holds: [] })
  })

  test('that comes before the answer to the send wins; the answer changes nothing', () => {
    const story = sending().sees(notice('2'))
    story.answer(submits.timeout)
    story.answer(submits.accepted('0'))
    expect(story.record.state).toBe('succeeded')
    expect(story.events).toHaveLength(1)
  })
})

describe('a notification of a refund that was never sent', () => {
  test.for(['0', '2', '3', undefined])('holds it: somebody else sent it (sta_refund %j)', (status) => {
    const story = waiting().sees(notice(status))
    expect(story.record).toMatchObject({
      state: 'unknown',
      holds: ['contradiction'],
      attempts: [{ number: 0, fate: 'open', quarantine: 'full' }],
      foreign: true,
      next_look: story.now + POLICY.holdLookMs,
    })
    expect(story.events).toEqual([])
  })

  test('keeps it from being sent by us, also when a person releases it and the gateway denies it', () => {
    const story = waiting(EAGER).sees(notice('2'), operator.release)
    story.see({ type: 'look', permit: story.permit('token-1') })
    story.ask(queries.denied, 'token-2')
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['contradiction'] })
  })

  test('does so when its only send provably never left', () => {
    const story = sending()
    story.answer(submits.neverLeft)
    story.sees(notice('2'))
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['contradiction'], foreign: true })
  })
})

test('a notification of a number without a record is kept as unmatched', () => {
  expect(new Story().see(notice('2'))).toEqual({ kind: 'unmatched' })
})

describe('a notification of a settled refund', () => {
  const settled: readonly (readonly [State, () => Story])[] = [
    ['succeeded', succeeded],
    ['failed', failed],
  ]

  test.for(settled)('is nothing new when it is stale (%s)', ([, build]) => {
    const story = build()
    for (const status of ['0', '1', undefined]) expect(story.see(notice(status)).kind).toBe('keep')
  })

  test.for(['0', '1', '3'])('contradicts a rejection whatever it says (%s): somebody else sent it', (status) => {
    const story = cancelled()
    story.sees(notice(status))
    expect(story.record).toMatchObject({ state: 'rejected', contradiction: true })
    expect(story.see(job({ money_refund: '7.77' })).kind).toBe('refuse')
  })

  test('is nothing new when it says the same again, thirty times', () => {
    const story = succeeded()
    for (let n = 0; n < 30; n++) expect(story.see(notice('2')).kind).toBe('keep')
    expect(failed().see(notice('3')).kind).toBe('keep')
  })

  test.for([
    ['2 after failed', failed, notice('2')],
    ['2 after rejected', cancelled, notice('2')],
    ['2 after a rejection of unreadable data', rejected, notice('2')],
    ['3 after succeeded', succeeded, notice('3')],
    ['2 of another amount after succeeded', succeeded, notice('2', { fen: FEN + 1 })],
  ] as const)('is a contradiction when it cannot be true beside it: %s', ([, build, seen]) => {
    const story = build()
    const { state, events } = story.record
    const { event, trail } = story.commit(seen)
    expect(story.record).toMatchObject({ state, events, contradiction: true })
    expect(event).toBeUndefined()
    expect(trail.note).toContain('contradiction')
    expect(story.see(seen).kind).toBe('keep')
  })

  test('keeps the number from opening again after a contradiction', () => {
    const story = rejected().sees(notice('2'))
    expect(story.see(job({}, { permit: story.permit('t') }))).toMatchObject({ kind: 'refuse' })
    expect(story.record.state).toBe('rejected')
  })
})

test('a refund that waits although the gateway has spoken of it, as older records do, is held and not sent', () => {
  const story = waiting()
  const old = { ...story.record, answer: { sta_refund: '2' } }
  const moment = { now: story.now, random: 0.5 }
  const decision = transition(old, { type: 'look', permit: story.permit('token-1') }, POLICY, moment)
  expect(decision).toMatchObject({ record: { state: 'unknown', foreign: true, holds: ['contradiction'] } })
})

test('a refund that is settled beside another amount is a contradiction, and a 3 after it is one more', () => {
  const story = unknown().sees(notice('2', { fen: 1 }))
  story.ask(queries.found('2'))
  expect(story.record).toMatchObject({ state: 'succeeded', contradiction: true })
  expect(story.record.answer.sta_refund).toBe('2')
  expect(story.see(notice('3')).kind).toBe('commit')
  expect(story.see(notice('3')).kind).toBe('keep')
})
