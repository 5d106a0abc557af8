import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { clone, templateOf } from '../support/clones.ts'
import { startGateway } from '../support/gateway.ts'
import { pairs } from '../support/pairs.ts'
import { numberOf } from '../support/refunds.ts'
import { type Result, result } from '../support/results.ts'
import { openSide, type Round } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'
import { median } from '../support/statistics.ts'

/** CPU for each refund, worker and Redis together: a ledger of a million settled refunds against an empty one. */
export async function history(stage: Stage): Promise<Result[]> {
  const settled = stage.quick ? 20_000 : 1_000_000
  const gateway = await startGateway(stage)
  const empty = await openSide(stage, { name: 'empty', kind: 'ours', gateway })
  const full = await openSide(stage, { name: 'full', kind: 'ours', gateway })
  const firstCopy = 1_000_000_000
  await full.load(firstCopy - 10, 10)
  await full.run(10)
  await fill(full.redis, async () => {
    await clone(full.redis, await templateOf(full.redis, numberOf(firstCopy - 5)), firstCopy, settled)
  })
  stage.say(`  ${settled} settled refunds are in the ledger`)
  const rounds = await pairs(stage, { gateway, sides: [empty, full], refunds: stage.quick ? 2_000 : 10_000 })
  const of = (pick: (round: Round) => number, side: 0 | 1) =>
    median(rounds.map((round) => pick(round[side]))).toFixed(3)
  return [
    result({
      name: 'history',
      values: rounds.map(([before, after]) => cpu(after) / cpu(before)),
      bound: { must: 1.15, aim: 1.05, better: 'less' },
      detail: `CPU of worker and Redis a refund: ${of(cpu, 0)} ms with none, ${of(cpu, 1)} ms with ${settled} settled`,
    }),
  ]
}

export const cpu = ({ workerMs, redisMs }: Round) => workerMs + redisMs

/** Loads without the append-only file, which is written anew afterwards, before anything is measured. */
async function fill(redis: Redis, load: () => Promise<void>): Promise<void> {
  await redis.config('SET', 'appendonly', 'no')
  await load()
  await redis.config('SET', 'appendonly', 'yes')
  while (/aof_rewrite_(?:in_progress|scheduled):1/.test(await redis.info('persistence'))) await sleep(200)
}
