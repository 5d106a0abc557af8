import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SubmitOutcome } from '../../src/refund/outcome.ts'
import { DT, EAGER, FEN, job, MINUTE, notice, operator, POLICY, queries, query, submit, submits } from './builders.ts'
import { type Happening, restart } from './observations.ts'
import { jumps } from './random-lives.ts'
import { Story, sending } from './story.ts'

const answered =
  (outcome: SubmitOutcome): Happening =>
  () =>
    submit(outcome)
const asked =
  (outcome: Parameters<typeof query>[0], resends = false): Happening =>
  (story) =>
    query(outcome, story.now, resends ? story.permit(`resend-${story.now}`) : undefined)
const told =
  (status: string | undefined, differing?: Parameters<typeof notice>[1]): Happening =>
  () =>
    notice(status, differing)

/** What a gateway may say while it has not settled the refund, or what may go wrong on the way; it settles nothing. */
const ON_THE_WAY: readonly Happening[] = [
  answered(submits.accepted('0')),
  answered(submits.accepted(undefined)),
  answered(submits.alreadyKnown),
  answered(submits.timeout),
  answered(submits.busy),
  restart,
  asked(queries.found('0')),
  asked(queries.found('1')),
  asked(queries.silent),
  // it may learn of a refund late
  asked(queries.denied),
  asked(queries.denied, true),
  told('0'),
  told('1'),
  told(undefined),
  () => operator.hold,
  () => operator.requery,
]

const settling = (status: '2' | '3'): readonly Happening[] => [
  answered(submits.accepted(status)),
  asked(queries.found(status)),
  told(status),
]
/** Asks at once, and settles nothing by itself. */
const incomplete = (status: '2' | '3') => [told(status, { fen: undefined }), told(status, { dt_refund: undefined })]

/** Every order of what happened, some of it more than once, at any pace. */
const ordersOf = (certain: fc.Arbitrary<readonly Happening[]>) =>
  fc.tuple(certain, fc.subarray([...ON_THE_WAY]), fc.subarray([...ON_THE_WAY])).chain(([facts, some, again]) => {
    const all = [...facts, ...some, ...again]
    return fc.record({
      facts: fc.shuffledSubarray(all, { minLength: all.length }),
      pace: fc.array(jumps, { minLength: all.length, maxLength: all.length }),
      policy: fc.constantFrom(POLICY, EAGER, { ...EAGER, maxAttempts: 1 }),
    })
  })
type Order = ReturnType<typeof ordersOf> extends fc.Arbitrary<infer T> ? T : never

/** One or more of these, each once or twice. */
const someOf = (facts: readonly Happening[]) =>
  fc.tuple(fc.subarray([...facts], { minLength: 1 }), fc.subarray([...facts])).map((both) => both.flat())

function lived({ facts, pace, policy }: Order): Story {
  const story = sending(policy)
  for (const [at, fact] of facts.entries()) {
    story.after(pace[at] ?? 0)
    story.see(fact(story))
  }
  return story
}

describe.for([
  ['2', 'succeeded'],
  ['3', 'failed'],
] as const)('what is true of a refund that the gateway settles as %s', ([status, state]) => {
  test(`ends as ${state} in every order, by one event, without a hold or a contradiction`, { timeout: 60_000 }, () => {
    const courses = fc.tuple(someOf(settling(status)), fc.subarray(incomplete(status))).map((both) => both.flat())
    fc.assert(
      fc.property(ordersOf(courses), (order) => {
        const { record, events } = lived(order)
        expect(record).toMatchObject({
          state,
          holds: [],
          contradiction: false,
          events: 1,
          answer: { sta_refund: status },
        })
        expect(events).toMatchObject([{ type: `refund.${state}`, data: { outcome: state } }])
      }),
      { numRuns: 1000 },
    )
  })
})

test('2 and 3 of the same refund end as a contradiction in every order; the first of them stands, by one event', {
  timeout: 60_000,
}, () => {
  const both = fc.tuple(someOf(settling('2')), someOf(settling('3'))).map((facts) => facts.flat())
  fc.assert(
    fc.property(ordersOf(both), (order) => {
      const { record, events } = lived(order)
      expect(record).toMatchObject({ holds: [], contradiction: true, events: 1 })
      expect(events).toMatchObject([{ type: `refund.${record.state}` }])
    }),
    { numRuns: 1000 },
  )
})

test('another amount or dt_refund is on record in every order: as a hold before the end, as a contradiction after it', {
  timeout: 60_000,
}, () => {
  const differing = [
    told('2', { fen: FEN + 1 }),
    told('2', { dt_refund: '20200101000000' }),
    asked(queries.found('2', FEN + 1)),
  ]
  const mixed = fc.tuple(fc.constantFrom(...differing), someOf(settling('2'))).map((facts) => facts.flat())
  fc.assert(
    fc.property(ordersOf(mixed), (order) => {
      const story = sending(order.policy)
      let recorded = false
      for (const [at, fact] of order.facts.entries()) {
        story.after(order.pace[at] ?? 0)
        story.see(fact(story))
        recorded ||= story.record.contradiction || story.record.holds.includes('amount_mismatch')
      }
      expect(recorded).toBe(true)
      expect(story.record).toMatchObject({ state: 'succeeded', events: 1 })
    }),
    { numRuns: 1000 },
  )
})

/** A refund that somebody else sent: its notification may come before its job, and is then kept beside the ledger. */
class Stranger extends Story {
  private early = false
  private heard = false

  readonly steps = {
    job: () => this.see(job({}, this.early ? { unmatched: { dt_refund: DT } } : {})),
    notice: () => {
      this.heard = true
      this.early ||= this.see(notice('2')).kind === 'unmatched'
    },
    found: () => {
      this.heard ||= this.stored !== undefined
      this.see(query(queries.found('2'), this.now))
    },
    denied: () => this.see(query(queries.denied, this.now, this.permit(`t${this.now}`))),
    release: () => this.stored && this.see(operator.release),
    // until the gateway has spoken of it, nothing tells it from a refund that is yet to be sent
    look: () => this.heard && this.see({ type: 'look', permit: this.permit(`t${this.now}`) }),
  }
}

test('a refund that somebody else sent is not sent by us, whether its notification or its job comes first', {
  timeout: 60_000,
}, () => {
  const steps = ['job', 'notice', 'look', 'found', 'denied', 'denied', 'denied', 'notice', 'release', 'look'] as const
  const orders = fc.record({
    order: fc.shuffledSubarray([...steps], { minLength: steps.length }),
    policy: fc.constantFrom(POLICY, EAGER),
  })
  const ends = new Set<string>()
  fc.assert(
    fc.property(orders, ({ order, policy }) => {
      const stranger = new Stranger(policy)
      for (const step of [...order, 'look', 'found'] as const) {
        stranger.after(10 * MINUTE)
        stranger.steps[step]()
        expect(stranger.stored?.state).not.toBe('sending')
      }
      const { state, holds } = stranger.record
      ends.add(`${state} ${holds.join()}`)
    }),
    { numRuns: 1000 },
  )
  expect([...ends]).toEqual(['succeeded '])
})
