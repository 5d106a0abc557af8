import { clone, templateOf } from '../support/clones.ts'
import { type BenchGateway, type Mode, startGateway } from '../support/gateway.ts'
import { numberOf } from '../support/refunds.ts'
import { type Result, result } from '../support/results.ts'
import { openSide } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'

/** Redis memory for each refund in the ledger: record, trail, order, indexes. Queues and events are not part of it. */
export async function bytes(stage: Stage): Promise<Result[]> {
  const gateway = await startGateway(stage)
  const values = await bytesEach(stage, gateway, 'paid')
  const open = await bytesEach(stage, gateway, 'accepted')
  const told = { unit: 'bytes', detail: 'record, trail, order and indexes' }
  return [
    result({ name: 'bytes-settled', values: [values], bound: { must: 1200, aim: 700, better: 'less' }, ...told }),
    result({ name: 'bytes-open', values: [open], bound: { must: 2500, aim: 1800, better: 'less' }, ...told }),
  ]
}

async function bytesEach(stage: Stage, gateway: BenchGateway, mode: Mode): Promise<number> {
  const { redis, load, run } = await openSide(stage, { name: `bytes-${mode}`, kind: 'ours', gateway, mode })
  await load(0, 10)
  await run(10)
  const template = await templateOf(redis, numberOf(5))
  const before = await usedMemory()
  const count = stage.quick ? 20_000 : 200_000
  await clone(redis, template, 1_000, count)
  const each = ((await usedMemory()) - before) / count
  stage.say(`  ${mode}: ${each.toFixed(0)} bytes a refund`)
  return each

  async function usedMemory(): Promise<number> {
    return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
  }
}
