import { setTimeout as sleep } from 'node:timers/promises'
import { type Place, type Reached, wordSchema } from './plan.ts'

/** Stops whoever comes to an armed place until the parent process says to go on. */
export function breakpoints(armed: readonly Place[]) {
  const open = new Map(armed.map((place) => [place, Promise.withResolvers<void>()]))
  process.on('message', (message) => {
    const { go, blockMs } = wordSchema.parse(message)
    block(blockMs)
    open.get(go)?.resolve()
    open.delete(go)
  })
  return async function stopAt(place: Place, no_refund: string): Promise<void> {
    const gate = open.get(place)
    if (!gate) return
    const reached: Reached = { reached: place, no_refund }
    process.send?.(reached)
    await gate.promise
    // whoever was let go must not overtake the word that is still on its way
    await sleep(0)
  }
}

export type StopAt = ReturnType<typeof breakpoints>

/** Nothing else of this process runs: no timer, no lock renewal. */
function block(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
