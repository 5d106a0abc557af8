import fc from 'fast-check'
import type { Observation } from '../../src/refund/observation.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import {
  BAD_DATA,
  blockedUntil,
  DAY,
  DT,
  FEN,
  HOUR,
  job,
  MINUTE,
  notice,
  OTHER_CONTENT,
  operator,
  queries,
  query,
  SECOND,
  submit,
  submits,
  T0,
} from './builders.ts'
import type { Story } from './story.ts'

/** An observation that fits the moment: tokens and times are those of the refund it is about. */
type Happening = (story: Story) => Observation

const STATUSES = [undefined, '0', '1', '2', '3', '7']

const submitOutcomes: readonly SubmitOutcome[] = [
  ...STATUSES.map((status) => submits.accepted(status)),
  submits.alreadyKnown,
  submits.refused,
  submits.refusedUnsure,
  submits.noBalance,
  submits.misconfigured,
  submits.timeout,
  submits.busy,
  submits.neverLeft,
]

const queryOutcomes: readonly QueryOutcome[] = [
  ...STATUSES.map((status) => queries.found(status)),
  queries.found('2', FEN + 1),
  queries.found('0', FEN + 1),
  queries.stopped,
  queries.silent,
]

let tokens = 0
const freshPermit = (story: Story) => story.permit(`token-${++tokens}`)
const blocked = (story: Story) => blockedUntil(story.now + HOUR)
const permits = [() => undefined, freshPermit, blocked] as const

const looks: readonly Happening[] = permits.map((permit) => (story) => {
  const offered = permit(story)
  return { type: 'look', ...(offered && { permit: offered }) }
})

const answers: readonly Happening[] = submitOutcomes.flatMap((outcome) => [
  (story) => submit(outcome, story.stored?.claim?.token ?? 'none'),
  () => submit(outcome, 'stale'),
])

const asked = (outcomes: readonly QueryOutcome[]): readonly Happening[] =>
  outcomes.flatMap((outcome) =>
    permits.flatMap((permit) =>
      [0, SECOND, 31 * SECOND].map(
        (ago): Happening =>
          (story) =>
            query(outcome, story.now - ago, permit(story)),
      ),
    ),
  )

const notices: readonly Happening[] = [
  ...STATUSES.map(
    (status): Happening =>
      (story) =>
        notice(status, { dt_refund: story.stored?.request?.dt_refund ?? DT }),
  ),
  () => notice('2', { fen: FEN + 1 }),
  () => notice('3', { dt_refund: '20200101000000' }),
  () => notice('2', { fen: undefined }),
  () => notice('1', { dt_refund: undefined }),
]

const operators: readonly Happening[] = [
  operator.hold,
  operator.release,
  operator.requery,
  operator.cancel,
  operator.resolve('succeeded'),
  operator.resolve('failed'),
].map((said) => () => said)

const claimedJob =
  (data: object): Happening =>
  (story) =>
    job(data, { at: story.now, permit: freshPermit(story) })

const repeatedJobs: readonly Happening[] = [
  () => job(),
  ...[{}, OTHER_CONTENT, { money_refund: '200.03' }, BAD_DATA, { dt_refund: DT }, { dt_refund: '20200101000000' }].map(
    claimedJob,
  ),
]

export const FIRST_JOBS: readonly Happening[] = [
  () => job(),
  (story) => job({}, { permit: freshPermit(story) }),
  (story) => job({}, { permit: blocked(story) }),
  () => job({}, { at: T0 - 40 * DAY }),
  () => job({}, { unmatched: { dt_refund: '20261121195959' } }),
  () => job({}, { safeStart: T0 + 1 }),
  () => job({}, { breaches: ['over_refund'] }),
  () => job({}, { breaches: ['daily_cap'] }),
  () => job({}, { breaches: ['order_frozen'] }),
  () => job({}, { at: T0 - 40 * DAY, breaches: ['order_frozen'] }),
  () => job(BAD_DATA),
]

/** Everything that may be seen about a refund that has a record. */
export const HAPPENINGS: readonly Happening[] = [
  ...looks,
  ...answers,
  ...asked([...queryOutcomes, queries.denied]),
  ...notices,
  ...operators,
  ...repeatedJobs,
]

/** What was seen of one refund, in order, and how long after what came before. */
export type Life = readonly { readonly after: number; readonly happening: Happening }[]

const happening = fc.oneof(
  { arbitrary: fc.constantFrom(...looks), weight: 6 },
  { arbitrary: fc.constantFrom(...answers), weight: 6 },
  { arbitrary: fc.constantFrom(...asked([queries.denied])), weight: 8 },
  { arbitrary: fc.constantFrom(...asked(queryOutcomes)), weight: 2 },
  { arbitrary: fc.constantFrom(...notices), weight: 1 },
  { arbitrary: fc.constantFrom(...operators), weight: 2 },
  { arbitrary: fc.constantFrom(...repeatedJobs), weight: 2 },
)
const jump = fc.constantFrom(0, 1, SECOND, SECOND, 10 * SECOND, 40 * SECOND, MINUTE, 20 * MINUTE, DAY, 8 * DAY)

/** A refund begins with a job; then anything is seen, with the clock jumping forward in between. */
export const lives: fc.Arbitrary<Life> = fc
  .tuple(
    fc.record({ after: fc.constant(0), happening: fc.constantFrom(...FIRST_JOBS) }),
    fc.array(fc.record({ after: jump, happening }), { minLength: 5, maxLength: 40 }),
  )
  .map(([first, moves]) => moves.toSpliced(0, 0, first))
