import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Defence } from '../defences/names.ts'
import type { FaultCase } from './fault-case.ts'
import type { Mode } from './mode.ts'
import { openStage } from './stage.ts'
import type { WorkerUnderTest } from './worker-under-test.ts'

export interface CaseResult {
  readonly number: number
  readonly title: string
  readonly mode: Mode
  /** empty when the case passed */
  readonly faults: readonly string[]
  readonly ms: number
  /** folder with the workers' output, of a case that failed */
  readonly logs?: string
}

/** Plays one case to its end, with everything its own. Never throws. */
export async function runCase({ number, title, play }: FaultCase, mode: Mode, without?: Defence): Promise<CaseResult> {
  const began = performance.now()
  let stage: Awaited<ReturnType<typeof openStage>> | undefined
  const faults: string[] = []
  try {
    await play(async (options = {}) => {
      stage = await openStage(mode, options, without)
      return stage
    })
    if (stage) faults.push(...(await stage.verdict()))
  } catch (error) {
    faults.push(`the case broke off: ${error instanceof Error ? error.message : String(error)}`)
  }
  const logs = stage && faults.length > 0 ? await keepLogs(stage.workers, number, mode) : undefined
  try {
    await stage?.end()
  } catch (error) {
    faults.push(`the stage did not end cleanly: ${error instanceof Error ? error.message : String(error)}`)
  }
  return { number, title, mode, faults, ms: performance.now() - began, ...(logs !== undefined && { logs }) }
}

async function keepLogs(workers: readonly WorkerUnderTest[], number: number, mode: Mode): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `refund-faults-${number}-${mode}-`))
  await Promise.all(
    workers.map((worker) => writeFile(join(dir, `${worker.pid}.log`), worker.stdout() + worker.stderr())),
  )
  return dir
}
