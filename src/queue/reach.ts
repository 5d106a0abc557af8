import { RefundError } from '../refund/errors.ts'

/** Redis could not be reached: nothing was promised, add it again. */
export class QueueUnavailableError extends RefundError {
  constructor(message: string, options: ErrorOptions) {
    super('queue_unavailable', message, options)
  }
}

/** Work that takes longer finds no Redis: a cluster without nodes would be searched for ever. */
const REACH_WITHIN_MS = 5_000
/** So many refunds are no more than a moment's work for Redis. */
const PART = 1_000

/** @throws QueueUnavailableError when Redis does not do it in time */
export async function reach<T>(work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('no answer in time')), REACH_WITHIN_MS)
  try {
    return await Promise.race([work(), late])
  } catch (error) {
    throw new QueueUnavailableError('the refund queue cannot be reached', { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Does what may be more than Redis can do in time, part after part, each with a time of its own.
 *
 * @throws QueueUnavailableError when Redis does not do one of them in time; the parts before it are done
 */
export async function reachInParts<T, R>(
  all: readonly T[],
  work: (part: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  const done: R[] = []
  for (let from = 0; from < all.length; from += PART) {
    const part = all.slice(from, from + PART)
    done.push(...(await reach(async () => work(part))))
  }
  return done
}
