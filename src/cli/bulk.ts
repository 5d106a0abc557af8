import { type Io, say } from './io.ts'

export interface BulkOptions {
  /** what is being done, for the progress line: `released` */
  readonly done: string
  readonly concurrency: number
  /** ms from anywhere */
  readonly monotonic: () => number
}

const QUIET_MS = 2_000
const REDRAW_MS = 100

/**
 * Works through items, several at once, with progress on stderr once it takes long. Ctrl-C lets those under way end
 * and takes no more; so does an error, which is thrown then.
 *
 * @returns how many were done; fewer than all when somebody stopped it
 */
export async function inBulk<T>(
  io: Io,
  items: readonly T[],
  { done, concurrency, monotonic }: BulkOptions,
  work: (item: T) => Promise<void>,
): Promise<number> {
  let taken = 0
  let finished = 0
  let stopped = false
  const faults: Error[] = []
  const stop = () => {
    stopped = true
  }
  const progress = progressLine(io, monotonic)
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane))
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    progress.end()
  }
  const [fault] = faults
  if (fault !== undefined) {
    say(io, `at least ${finished} of ${items.length} ${done} before a fault ended it; look at the others again`)
    throw fault
  }
  return finished

  async function lane(): Promise<void> {
    while (taken < items.length && !stopped) {
      const item = items[taken++]
      if (item === undefined) return
      try {
        await work(item)
        finished += 1
      } catch (error) {
        faults.push(error instanceof Error ? error : new Error(String(error)))
        stopped = true
      }
      progress.show(`${finished} of ${items.length} ${done}`)
    }
  }
}

/** On a terminal one line that changes in place, else a line every few seconds; nothing for what is quickly done. */
export function progressLine({ stderr }: Io, monotonic: () => number) {
  let next = monotonic() + (stderr.isTTY ? 2 * REDRAW_MS : QUIET_MS)
  let drawn = false
  return {
    show(text: string): void {
      if (monotonic() < next) return
      next = monotonic() + (stderr.isTTY ? REDRAW_MS : QUIET_MS)
      drawn = stderr.isTTY
      stderr.write(stderr.isTTY ? `\r${text}\u001b[K` : `${text}\n`)
    },
    end(): void {
      if (drawn) stderr.write('\r\u001b[K')
    },
  }
}
