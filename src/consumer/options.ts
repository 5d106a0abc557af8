import type { BackoffPolicy } from '../refund/backoff.ts'

const BACKOFF: BackoffPolicy = { baseMs: 1_000, factor: 2, capMs: 600_000, jitter: 0.5 }
const DAY_MS = 86_400_000
/** What a timer of Node can count. */
const MAX_MS = 2_147_483_647

/** A figure that is there without a value is as absent as one that is not. */
export function backoffOf(given: Partial<BackoffPolicy> = {}): BackoffPolicy {
  const { baseMs = BACKOFF.baseMs, factor = BACKOFF.factor, capMs = BACKOFF.capMs, jitter = BACKOFF.jitter } = given
  return { baseMs, factor, capMs, jitter }
}

interface Given {
  readonly handle: unknown
  readonly queue: string
  readonly deadLetterQueue: string
  readonly counts: Readonly<Record<'concurrency' | 'attempts' | 'handleTimeoutMs' | 'leaseMs' | 'rememberMs', number>>
  readonly backoff: BackoffPolicy
}

/** What is wrong with the options of a consumer, each as `option: what is expected`. */
export function optionFaults({ handle, queue, deadLetterQueue, counts, backoff }: Given): readonly string[] {
  const { baseMs, factor, capMs, jitter } = backoff
  return [
    ...(typeof handle === 'function' ? [] : ['handle: expected a function']),
    ...Object.entries(counts).flatMap(([name, value]) =>
      Number.isSafeInteger(value) && value > 0 ? [] : [`${name}: expected a whole number above 0`],
    ),
    ...(counts.handleTimeoutMs > MAX_MS ? [`handleTimeoutMs: expected ${MAX_MS} at most`] : []),
    ...(counts.rememberMs < 2 * DAY_MS
      ? ['rememberMs: expected 2 days at least, as finished jobs are kept for 2']
      : []),
    ...(queue === deadLetterQueue ? ['deadLetterQueue: expected another queue than the consumed one'] : []),
    ...Object.entries({ baseMs, capMs }).flatMap(([name, value]) =>
      value > 0 && value <= MAX_MS ? [] : [`backoff.${name}: expected milliseconds above 0`],
    ),
    ...(factor >= 1 && Number.isFinite(factor) ? [] : ['backoff.factor: expected 1 or more']),
    ...(jitter >= 0 && jitter <= 1 ? [] : ['backoff.jitter: expected 0 to 1']),
  ]
}
