/** A flood of forged notifications must not become a flood of commands for Redis. */
const FLUSH_MS = 250

type Counts = Readonly<Record<string, number>>

export interface Tallies {
  add(name: string): void
  /** resolves when everything is counted, or has failed to be */
  close(): Promise<void>
}

/**
 * Counts the first at once, and what comes soon after it in sums, a few times a second.
 *
 * @param count a figure is not worth a wait, nor a second try: what fails is told and forgotten
 */
export function tallies(
  count: (counts: Counts) => Promise<void>,
  onFailure: (error: unknown, counts: Counts) => void,
): Tallies {
  const sums = new Map<string, number>()
  let counting = Promise.resolve()
  let pause: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    if (sums.size === 0) return
    const counts = Object.fromEntries(sums)
    sums.clear()
    try {
      await count(counts)
    } catch (error) {
      onFailure(error, counts)
    }
  }

  function next(): void {
    pause = sums.size > 0 ? setTimeout(next, FLUSH_MS).unref() : undefined
    if (pause) counting = counting.then(flush)
  }

  return {
    add(name) {
      sums.set(name, (sums.get(name) ?? 0) + 1)
      if (!pause) next()
    },
    async close() {
      clearTimeout(pause)
      await counting
      await flush()
    },
  }
}
