/** Things to do later that survive a stop of the simulator: what came due in between is done after the restart. */
export interface Timers {
  /** @param ms milliseconds from now */
  after(ms: number, task: () => void): void
  pause(): void
  resume(): void
}

export function startTimers(now: () => number): Timers {
  const open = new Map<{ due: number; task: () => void }, NodeJS.Timeout | undefined>()
  let paused = false

  function arm(entry: { due: number; task: () => void }): void {
    const timeout = setTimeout(
      () => {
        open.delete(entry)
        entry.task()
      },
      Math.max(0, entry.due - now()),
    )
    open.set(entry, timeout)
  }

  return {
    after(ms, task) {
      const entry = { due: now() + ms, task }
      if (paused) open.set(entry, undefined)
      else arm(entry)
    },
    pause() {
      paused = true
      for (const [entry, timeout] of open) {
        clearTimeout(timeout)
        open.set(entry, undefined)
      }
    },
    resume() {
      if (!paused) return
      paused = false
      for (const entry of open.keys()) arm(entry)
    },
  }
}
