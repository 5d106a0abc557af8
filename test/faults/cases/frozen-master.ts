import { startSentinel } from '../../topology/sentinel.ts'
import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { startLoad } from '../load.ts'
import { goesOn } from '../progress.ts'
import { carefulProducer, sentinelRedis } from '../replicated-redis.ts'

export const frozenMaster: FaultCase = {
  number: 16,
  title: 'frozen master that returns',
  async play(open) {
    // two, so that the one that is promoted has a replica to confirm claims
    const topology = await startSentinel({ replicas: 2 })
    const stage = await open({
      redis: sentinelRedis(topology),
      settings: PATIENT,
      simulator: { scriptFor: inDoubt, latencyMs: [0, 300] },
    })
    await Promise.all([stage.start(), stage.start({ roles: ['submit', 'query', 'publish'] })])
    const load = startLoad(stage, { through: carefulProducer(stage) })
    await goesOn(stage, load, 40)
    const old = await topology.freezeMaster()
    await topology.failedOver(old)
    await goesOn(stage, load, 40)
    // it believes for seconds that it is the master still
    old.thaw()
    await goesOn(stage, load, 20)
    await topology.settled()
    await stage.completed(await load.stop())
  },
}
