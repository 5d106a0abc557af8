import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Redis ends within milliseconds of SIGTERM; one that is stopped by SIGSTOP or stuck gets SIGKILL. */
const politeMs = 2000
const lookMs = 5

/** Ends a child, by its pid alone: SIGTERM, then SIGKILL. Returns once it is gone; a child already gone is fine. */
export async function endProcess(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await untilEnded(child, politeMs)
  if (hasEnded(child)) return
  child.kill('SIGKILL')
  await untilEnded(child, politeMs)
}

/** A child that was never started has ended too. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

async function untilEnded(child: ChildProcess, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!hasEnded(child) && performance.now() < deadline) await sleep(lookMs)
}
