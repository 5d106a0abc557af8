import { eventually } from '../../support/eventually.ts'
import { startPowerCutRedis } from '../../topology/power-cut.ts'
import { startServer } from '../../topology/server.ts'
import { redisAt } from '../case-redis.ts'
import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { startLoad } from '../load.ts'
import type { Stage } from '../stage.ts'

export const powerCut: FaultCase = {
  number: 13,
  title: 'power cut: `always` loses nothing, `everysec` is refused at start in production',
  async play(open) {
    const server = await startPowerCutRedis()
    const stage = await open({
      redis: { ...redisAt({ mode: 'single', url: server.url }, { REDIS_URL: server.url }), stop: server.stop },
      settings: { ...PATIENT, NODE_ENV: 'production' },
      simulator: { scriptFor: inDoubt, latencyMs: [0, 300] },
    })
    await refusesToForget(stage)
    await stage.start()
    await stage.start()
    const load = startLoad(stage, { hands: 8 })
    for (let cuts = 0; cuts < 2; cuts += 1) {
      const taken = load.acknowledged()
      await eventually(() => load.acknowledged() >= taken + 40, { timeoutMs: 120_000 })
      await server.cutPower()
      await server.restart()
    }
    await load.stop()
  },
}

/** A worker of production on a Redis that syncs once a second. */
async function refusesToForget(stage: Stage): Promise<void> {
  await using forgetful = await startServer({ settings: { appendfsync: 'everysec' } })
  const ending = await stage.start({ settings: { REDIS_URL: forgetful.url } }).then(
    () => 'it started',
    (error: unknown) => String(error),
  )
  if (!/"code":1\b/.test(ending) || !ending.includes('appendfsync must be always')) {
    throw new Error(`a worker on everysec: ${ending}`)
  }
}
