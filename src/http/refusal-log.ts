import type { FastifyBaseLogger } from 'fastify'

/** Of each kind of refusal so many are logged one by one in each window; the others are counted. */
const LINES = 10
const WINDOW_MS = 60_000

export interface RefusalLog {
  /** whether this one gets a line of its own */
  tells(refusal: string): boolean
  close(): void
}

/**
 * Whoever reaches the port can have us refuse thousands of messages a second for hours. That must neither fill a disk
 * nor hide what else the log says.
 */
export function refusalLog(log: Pick<FastifyBaseLogger, 'warn'>): RefusalLog {
  const seen = new Map<string, number>()
  let window: NodeJS.Timeout | undefined

  function end(): void {
    clearTimeout(window)
    window = undefined
    for (const [refusal, count] of seen) {
      if (count > LINES) log.warn({ refusal, count: count - LINES }, 'more of these were refused than are logged')
    }
    seen.clear()
  }

  return {
    tells(refusal) {
      window ??= setTimeout(end, WINDOW_MS).unref()
      const count = (seen.get(refusal) ?? 0) + 1
      seen.set(refusal, count)
      return count <= LINES
    },
    close: end,
  }
}
