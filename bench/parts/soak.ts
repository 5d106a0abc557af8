import { setTimeout as sleep } from 'node:timers/promises'
import { startGateway } from '../support/gateway.ts'
import { type Result, result } from '../support/results.ts'
import { openSide } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'
import { median } from '../support/statistics.ts'

const SLICES = 8
const LOOK_MS = 250
const MIB = 1024 * 1024

/** The worker's memory after 200,000 refunds against that after 25,000, and what Redis keeps of each refund. */
export async function soak(stage: Stage): Promise<Result[]> {
  const slice = stage.quick ? 1_000 : 25_000
  const gateway = await startGateway(stage)
  const side = await openSide(stage, { name: 'soak', kind: 'ours', gateway })
  const usedMemory = async () => Number(/^used_memory:(\d+)/m.exec(await side.redis.info('memory'))?.[1])
  const [rss, redisBytes]: [number[], number[]] = [[], []]
  let before = await usedMemory()

  for (let at = 0; at < SLICES; at++) {
    await side.load(at * slice, slice)
    const samples: number[] = []
    const stop = new AbortController()
    const sampling = sample(samples, stop.signal)
    const { perSecond } = await side.run(slice)
    stop.abort()
    await sampling
    // the second half: the first holds what the start of a slice left
    rss.push(median(samples.slice(Math.floor(samples.length / 2))))
    const after = await usedMemory()
    redisBytes.push((after - before) / slice)
    before = after
    const told = [`${((rss.at(-1) ?? 0) / MIB).toFixed(1)} MiB`, `${perSecond.toFixed(0)}/s`]
    stage.say(`  ${(at + 1) * slice} refunds: ${told.join(', ')}, Redis ${redisBytes.at(-1)?.toFixed(0)} bytes each`)
  }
  await gateway.check()

  const [first = 0, last = 0] = [rss[0], rss.at(-1)]
  return [
    result({
      name: 'soak',
      values: [last / first],
      bound: { must: 1.1, aim: 1.04, better: 'less' },
      detail: `RSS of the worker ${(first / MIB).toFixed(1)} MiB after ${slice} refunds, ${(last / MIB).toFixed(1)} MiB after ${SLICES * slice}`,
    }),
    result({
      name: 'soak-redis',
      values: redisBytes,
      unit: 'bytes',
      detail: 'kept in Redis of each refund, its event that nobody takes included',
    }),
  ]

  async function sample(samples: number[], stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      const used = await Promise.all(side.workers.map((worker) => worker.usage()))
      samples.push(used.reduce((sum, one) => sum + one.rss, 0))
      await sleep(LOOK_MS)
    }
  }
}
