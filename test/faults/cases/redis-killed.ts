import { eventually } from '../../support/eventually.ts'
import { singleRedis } from '../case-redis.ts'
import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { startLoad } from '../load.ts'

export const redisKilled: FaultCase = {
  number: 12,
  title: 'kill -9 of Redis under load, restart (AOF always)',
  async play(open) {
    const redis = await singleRedis()
    const stage = await open({ redis, simulator: { scriptFor: inDoubt, latencyMs: [0, 300] }, settings: PATIENT })
    await stage.start()
    await stage.start()
    const load = startLoad(stage, { hands: 8 })
    for (let kills = 0; kills < 3; kills += 1) {
      await moreOf(load.acknowledged, 30)
      await moreOf(() => stage.simulator.requests.length, 15)
      await redis.server.kill()
      // calls that were under way are answered while nothing can be written down
      await eventually(() => stage.connection.status !== 'ready')
      await redis.server.restart()
    }
    await load.stop()
  },
}

async function moreOf(count: () => number, more: number): Promise<void> {
  const from = count()
  await eventually(() => count() >= from + more, { timeoutMs: 120_000 })
}
