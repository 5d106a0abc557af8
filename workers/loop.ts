import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'

const AFTER_FAULT_MS = 1_000

/**
 * Runs a step again and again until stopped; a fault is logged and the loop goes on.
 *
 * @param step resolves to how long to rest before the next step, in ms
 * @returns stops the loop and resolves when the step under way has ended
 */
export function loop(name: string, log: Logger, step: () => Promise<number>): () => Promise<void> {
  const stopped = new AbortController()
  const running = run()
  return () => {
    stopped.abort()
    return running
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      await rest(await restAfterStep())
    }
  }

  async function restAfterStep(): Promise<number> {
    try {
      return await step()
    } catch (error) {
      if (!stopped.signal.aborted) log.error({ err: error, loop: name }, 'a step failed and will be tried again')
      return AFTER_FAULT_MS
    }
  }

  async function rest(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: stopped.signal })
    } catch {
      // stopped meanwhile
    }
  }
}
