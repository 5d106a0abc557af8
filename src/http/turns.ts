/** More than this wait only when there is no time left for any of them. */
const MOST = 1_000

/**
 * Work that has to wait for other work: one piece in each turn of the event loop, after all that has come in by then. So
 * many forged notifications may come at once, a true one waits for one of them.
 *
 * @returns takes a piece of work; false when there is too much already
 */
export function afterOthers(): (work: () => void) => boolean {
  const waiting: (() => void)[] = []

  function next(): void {
    const work = waiting.shift()
    if (waiting.length > 0) setImmediate(next)
    work?.()
  }

  return (work) => {
    if (waiting.length >= MOST) return false
    if (waiting.push(work) === 1) setImmediate(next)
    return true
  }
}
