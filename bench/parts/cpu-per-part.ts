import { z } from 'zod'
import { startGateway } from '../support/gateway.ts'
import { type Result, result } from '../support/results.ts'
import { openSide, type Side } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'

const shares = z.record(z.string(), z.number())

/** Where the CPU of a refund goes: a profile of the workers' main thread, and the rest from the process's own count. */
export async function cpuPerPart(stage: Stage): Promise<Result[]> {
  const refunds = stage.quick ? 2_000 : 10_000
  const gateway = await startGateway(stage)
  const naive = await openSide(stage, { name: 'naive', kind: 'naive', gateway })
  const ours = await openSide(stage, { name: 'ours', kind: 'ours', gateway })
  const results: Result[] = []
  for (const [from, warm] of [
    [0, true],
    [refunds, false],
  ] as const) {
    await gateway.prepare(from, refunds)
    for (const side of [naive, ours]) {
      const told = await profiled(side, from, refunds)
      if (warm) continue
      stage.say(`  ${side.name}: ${told.map(([part, ms]) => `${part} ${ms.toFixed(3)} ms`).join(', ')}`)
      results.push(
        ...told.map(([part, ms]) =>
          result({ name: `cpu-per-part: ${side.name}, ${part}`, values: [ms], unit: 'ms', detail: 'of CPU a refund' }),
        ),
      )
    }
  }
  return results
}

/**
 * The profile tells where the main thread was, by wall clock: its parts are scaled to the CPU that this thread used.
 *
 * @returns ms for each refund by part, the largest first; the whole of worker and Redis behind them
 */
async function profiled(side: Side, from: number, refunds: number): Promise<(readonly [string, number])[]> {
  const [worker] = side.workers
  if (!worker) throw new Error(`${side.name} has no worker`)
  await side.load(from, refunds)
  await worker.ask('startProfile', z.null())
  const before = await worker.usage()
  const round = await side.run(refunds)
  const after = await worker.usage()
  const found = Object.entries(await worker.ask('stopProfile', shares))

  const mainThread = (after.mainThreadMs - before.mainThreadMs) / round.refunds
  const whole = (after.cpuMs - before.cpuMs) / round.refunds
  const sampled = found.reduce((sum, [, ms]) => sum + ms, 0)
  const parts = found.map(([part, ms]) => [part, (ms / sampled) * mainThread] as const)
  return [
    ...parts.toSorted(([, a], [, b]) => b - a),
    ['other threads', whole - mainThread],
    ['the whole worker', whole],
    ['Redis', round.redisMs],
  ]
}
