import type { Observation } from '../../src/refund/observation.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import {
  BAD_DATA,
  blockedUntil,
  DAY,
  DT,
  FEN,
  HOUR,
  imported,
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
export type Happening = (story: Story) => Observation

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

export const queryOutcomes: readonly QueryOutcome[] = [
  ...STATUSES.map((status) => queries.found(status)),
  queries.found('2', FEN + 1),
  queries.found('0', FEN + 1),
  queries.stopped,
  queries.silent,
]

let tokens = 0
export const freshPermit = (story: Story) => story.permit(`token-${++tokens}`)
const blocked = (story: Story) => blockedUntil(story.now + HOUR)
const permits = [() => undefined, freshPermit, blocked] as const

export const looks: readonly Happening[] = permits.map((permit) => (story) => {
  const offered = permit(story)
  return { type: 'look', ...(offered && { permit: offered }) }
})

/** The ledger says that the order is frozen; or that the record was restored from a backup. */
export const doubtfulLooks: readonly Happening[] = [
  () => ({ type: 'look', breaches: ['order_frozen'] }),
  (story) => ({ type: 'look', safeStart: story.now + SECOND, permit: freshPermit(story) }),
  (story) => ({ ...query(queries.denied, story.now, freshPermit(story)), breaches: ['order_frozen'] }),
]

/** The worker that sends is gone: its claim runs out, and another worker looks. */
export const restart: Happening = (story) => {
  story.now = Math.max(story.now, story.stored?.claim?.deadline ?? story.now)
  return { type: 'look', permit: freshPermit(story) }
}

export const answers: readonly Happening[] = submitOutcomes.flatMap((outcome) => [
  (story) => submit(outcome, story.stored?.claim?.token ?? 'none'),
  () => submit(outcome, 'stale'),
])

export const asked = (outcomes: readonly QueryOutcome[]): readonly Happening[] =>
  outcomes.flatMap((outcome) =>
    permits.flatMap((permit) =>
      // the last was asked before a Redis took over whose clock is behind
      [0, SECOND, 31 * SECOND, -20 * MINUTE].map(
        (ago): Happening =>
          (story) =>
            query(outcome, story.now - ago, permit(story)),
      ),
    ),
  )

export const notices: readonly Happening[] = [
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

export const operators: readonly Happening[] = [
  operator.hold,
  operator.release,
  operator.requery,
  operator.cancel,
  operator.replay,
  operator.erase,
  operator.resolve('succeeded'),
  operator.resolve('failed'),
].map((said) => () => said)

const claimedJob =
  (data: object): Happening =>
  (story) =>
    job(data, { at: story.now, permit: freshPermit(story) })

export const repeatedJobs: readonly Happening[] = [
  () => job(),
  ...[{}, OTHER_CONTENT, { money_refund: '200.03' }, BAD_DATA, { dt_refund: DT }, { dt_refund: '20200101000000' }].map(
    claimedJob,
  ),
  // these open a number that was rejected before, as a new one would be
  (story) => job(OTHER_CONTENT, { at: story.now - 40 * DAY }),
  (story) => job(OTHER_CONTENT, { at: story.now, unmatched: { dt_refund: '20261121195959' } }),
  (story) => job(OTHER_CONTENT, { at: story.now, breaches: ['over_refund'] }),
  (story) => job(OTHER_CONTENT, { at: story.now, breaches: ['order_frozen'] }),
]

export const imports: readonly Happening[] = [
  () => imported(),
  () => imported({}, { askOnly: true }),
  () => imported(OTHER_CONTENT),
  () => imported({}, { breaches: ['order_frozen'] }),
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
  () => job({}, { tombstone: { content: 'of another refund' } }),
  () => job({}, { tombstone: { content: job().parsed.content } }),
  ...imports,
]

/** Everything that may be seen about a refund that has a record. */
export const HAPPENINGS: readonly Happening[] = [
  ...looks,
  ...doubtfulLooks,
  restart,
  ...answers,
  ...asked([...queryOutcomes, queries.denied]),
  ...notices,
  ...operators,
  ...repeatedJobs,
  ...imports,
]
