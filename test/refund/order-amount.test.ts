import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OPEN_STATES, type RefundRecord } from '../../src/refund/record.ts'
import { BAD_DATA, DAY, EAGER, job, OTHER_CONTENT, POLICY, T0 } from './builders.ts'
import type { Happening } from './observations.ts'
import { OrderBook } from './order-book.ts'
import { happeningsAfterJob, jumps } from './random-lives.ts'
import { Story } from './story.ts'

// the amounts of the order, in yuan, against refunds of 200.01: room for none, for one, for two, and two fen too little
const ORDERS = ['200.00', '200.01', '400.02', '400.01', '600.00']
const REFUNDS = 5
const OPEN: ReadonlySet<string> = new Set(OPEN_STATES)

const jobs = fc
  .record({
    // most jobs of an order name the same amount
    differing: fc.option(fc.constantFrom(...ORDERS), { freq: 6, nil: undefined }),
    other: fc.constantFrom({}, {}, {}, {}, OTHER_CONTENT, BAD_DATA),
    at: fc.constantFrom(T0, T0, T0, T0 - 40 * DAY),
    early: fc.constantFrom(undefined, undefined, undefined, undefined, {}),
    claims: fc.boolean(),
  })

  .map(({ differing, other, at, early, claims }): ((given: string) => Happening) => (given) => (story) => {
    const data = { ...other, order_amount: differing ?? given }
    const permit = claims && { permit: story.permit(`t${story.now}`) }
    return job(data, { at, ...(early && { unmatched: early }), ...permit })
  })

const step = fc.record({
  which: fc.nat(REFUNDS - 1),
  after: jumps,
  happening: fc.oneof(
    { arbitrary: jobs, weight: 2 },
    { arbitrary: happeningsAfterJob.map((happening) => () => happening), weight: 5 },
  ),
})

const orders = fc.record({
  given: fc.constantFrom(...ORDERS),
  policy: fc.constantFrom(POLICY, EAGER, { ...EAGER, maxAttempts: 2 }),
  steps: fc.array(step, { minLength: 20, maxLength: 60 }),
})

type Order = typeof orders extends fc.Arbitrary<infer T> ? T : never

/** One step in the life of an order: which refund, from what to what, and the order's sum before it. */
interface Change {
  readonly before: RefundRecord | undefined
  readonly after: RefundRecord | undefined
  readonly sum: number
  readonly frozen: boolean
  readonly book: OrderBook
}

/** Lives it through, and tells the first change that is not allowed, with all that came before. */
function live({ given, policy, steps }: Order, allows: (change: Change) => boolean): string[] {
  const book = new OrderBook()
  const refunds = Array.from({ length: REFUNDS }, () => new Story(policy))
  const history = [`policy: ${JSON.stringify(policy)}`]
  for (const { which, after: later, happening } of steps) {
    for (const refund of refunds) refund.after(later)
    const refund = refunds[which] ?? new Story(policy)
    const frozen = refunds.some(({ stored }) => stored?.contradiction)
    const { stored: before } = refund
    const { sum } = book
    const observation = happening(given)(refund)
    book.shows(refund, observation)
    const { stored: after } = refund
    history.push(`refund ${which}: ${JSON.stringify(observation)} > ${after?.state}, ${book.sum} of ${book.amount} fen`)
    if (!allows({ before, after, sum, frozen, book })) return history
  }
  return []
}

const opens = ({ before, after }: Change) =>
  (!before || before.state === 'rejected') && after !== undefined && OPEN.has(after.state)

/** The gateway paid what was closed without payment, or a refund was opened that somebody else may have sent. */
function isContradiction(change: Change): boolean {
  const { before, after } = change
  const found = after?.contradiction === true && !before?.contradiction
  const doubted = opens(change) && after?.state === 'unknown' && after.holds.includes('contradiction')
  return found || doubted
}

test('the refunds of an order pass its amount only by a step that records a contradiction', { timeout: 60_000 }, () => {
  const reached = { full: 0, passed: 0, freed: 0 }
  fc.assert(
    fc.property(orders, (order) => {
      const faults = live(order, (change) => {
        const { book, sum } = change
        const amount = book.amount ?? Number.POSITIVE_INFINITY
        if (book.sum === amount) reached.full += 1
        if (book.sum > amount) reached.passed += 1
        if (book.sum < sum) reached.freed += 1
        const rises = book.sum > sum && book.sum > amount
        return book.reserved >= 0 && book.settled >= 0 && (!rises || isContradiction(change))
      })
      expect(faults).toEqual([])
    }),
    { numRuns: 1000 },
  )
  // it speaks of orders that are full, that were passed, and whose refunds made room again
  expect(Math.min(reached.full, reached.passed, reached.freed)).toBeGreaterThan(100)
})

test('an order with a contradiction opens no further refund that may be sent, and sends none that a person did not let go', {
  timeout: 60_000,
}, () => {
  let frozen = 0
  fc.assert(
    fc.property(orders, (order) => {
      const faults = live(order, (change) => {
        const { before, after } = change
        const claims = after?.state === 'sending' && before?.state !== 'sending'
        if (!change.frozen || !(opens(change) || claims)) return true
        frozen += 1
        return after?.holds.includes('contradiction') === true || before?.order_waived === true
      })
      expect(faults).toEqual([])
    }),
    { numRuns: 1000 },
  )
  expect(frozen).toBeGreaterThan(100)
})
