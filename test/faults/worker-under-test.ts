import { spawn } from 'node:child_process'
import { pathOf, type WorkerProcess, watch } from '../e2e/worker-process.ts'
import { eventually } from '../support/eventually.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { type Place, type Reached, reachedSchema, type Word, type WorkerPlan } from './plan.ts'

/** A worker that can be stopped at named places of its way. */
export interface WorkerUnderTest extends WorkerProcess {
  readonly plan: WorkerPlan
  /** Waits until somebody stands there; resolves to the refund's number, '' for a publisher. */
  reached(place: Place): Promise<string>
  /** Lets all go on, after the event loop was blocked for so long. */
  go(place: Place, blockMs?: number): void
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
}

const FILE = 'test/faults/worker.ts'

export function startWorker(plan: WorkerPlan, settings: Readonly<Record<string, string>>): WorkerUnderTest {
  const env = { ...programEnvironment, ...settings }
  const child = spawn(process.execPath, [pathOf(FILE), JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env,
  })
  const seen: Reached[] = []
  child.on('message', (message) => seen.push(reachedSchema.parse(message)))
  const worker = watch(FILE, child)
  return {
    ...worker,
    plan,
    async reached(place) {
      const first = await eventually(() => seen.find(({ reached }) => reached === place) ?? false, {
        timeoutMs: 30_000,
      })
      return first.no_refund
    },
    go(place, blockMs = 0) {
      const word: Word = { go: place, blockMs }
      child.send(word)
    },
    async kill() {
      worker.signal('SIGKILL')
      await worker.ended
    },
  }
}
