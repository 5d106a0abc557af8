import fc from 'fast-check'
import { DAY, HOUR, MINUTE, operator, queries, query, SECOND, submit, submits } from './builders.ts'
import {
  answers,
  asked,
  doubtfulLooks,
  FIRST_JOBS,
  freshPermit,
  type Happening,
  imports,
  looks,
  notices,
  operators,
  queryOutcomes,
  repeatedJobs,
  restart,
} from './observations.ts'

/** What was seen of one refund, in order, and how long after what came before. */
export type Life = readonly { readonly after: number; readonly happening: Happening }[]

const { timeout, busy, neverLeft, noBalance, refused, refusedUnsure } = submits
const troubles = [timeout, timeout, timeout, busy, busy, neverLeft, neverLeft, noBalance, refused, refusedUnsure]

/** What comes next when the gateway stays in trouble: sent, unanswered, asked about, denied, sent again. */
const troubled = fc.constantFrom(...troubles).map(
  (trouble): Happening =>
    (story) => {
      const { stored } = story
      if (stored && stored.holds.length > 0) return operator.release
      const began = story.now
      story.now = Math.max(began, stored?.next_look ?? began)
      switch (stored?.state) {
        case 'sending':
          // the answer comes before the claim runs out
          story.now = began
          return submit(trouble, stored.claim?.token)
        case 'waiting':
          return { type: 'look', permit: freshPermit(story) }
        default:
          return query(queries.denied, story.now, freshPermit(story))
      }
    },
)

const anything = fc.oneof(
  { arbitrary: fc.constantFrom(...looks), weight: 6 },
  { arbitrary: fc.constantFrom(...doubtfulLooks), weight: 1 },
  { arbitrary: fc.constant(restart), weight: 2 },
  { arbitrary: fc.constantFrom(...answers), weight: 6 },
  { arbitrary: fc.constantFrom(...asked([queries.denied])), weight: 8 },
  { arbitrary: fc.constantFrom(...asked(queryOutcomes)), weight: 2 },
  { arbitrary: fc.constantFrom(...notices), weight: 1 },
  { arbitrary: fc.constantFrom(...operators), weight: 2 },
  { arbitrary: fc.constantFrom(...repeatedJobs, ...imports), weight: 2 },
)
/** Redis TIME from one observation to the next: mostly on, but back when a Redis whose clock is behind takes over. */
export const jumps = fc.oneof(
  {
    arbitrary: fc.constantFrom(0, 1, SECOND, SECOND, 10 * SECOND, 40 * SECOND, MINUTE, 20 * MINUTE, DAY, 8 * DAY),
    weight: 12,
  },
  { arbitrary: fc.constantFrom(-1, -SECOND, -MINUTE, -HOUR, -2 * DAY), weight: 1 },
)

/** What teaches nothing: looks of every kind and queries without an answer. */
export const SILENCE: readonly Happening[] = [
  ...looks,
  restart,
  ...asked([queries.silent, queries.stopped]),
  () => submit(submits.timeout, 'stale'),
]

/** All but jobs: what may be seen of any refund, whatever its own job says. */
export const happeningsAfterJob = fc.oneof(
  { arbitrary: fc.constantFrom(...looks, restart), weight: 6 },
  { arbitrary: fc.constantFrom(...answers), weight: 6 },
  { arbitrary: fc.constantFrom(...asked([queries.denied])), weight: 3 },
  { arbitrary: fc.constantFrom(...asked(queryOutcomes)), weight: 3 },
  { arbitrary: fc.constantFrom(...notices), weight: 3 },
  { arbitrary: fc.constantFrom(...operators), weight: 2 },
)

/** A refund begins with a job; then anything is seen, with the clock jumping in between. */
const livesOf = (happening: fc.Arbitrary<Happening>, maxLength: number): fc.Arbitrary<Life> =>
  fc
    .tuple(
      fc.record({ after: fc.constant(0), happening: fc.constantFrom(...FIRST_JOBS) }),
      fc.array(fc.record({ after: jumps, happening }), { minLength: 5, maxLength }),
    )
    .map(([first, moves]) => moves.toSpliced(0, 0, first))

/** Half of them are chaos, which settles soon; half see much trouble, so that many sends follow one another. */
export const lives: fc.Arbitrary<Life> = fc.oneof(
  livesOf(anything, 40),
  livesOf(fc.oneof({ arbitrary: anything, weight: 1 }, { arbitrary: troubled, weight: 9 }), 60),
)
