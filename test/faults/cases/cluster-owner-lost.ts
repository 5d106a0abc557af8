import { startCluster } from '../../topology/cluster.ts'
import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { startLoad } from '../load.ts'
import { goesOn } from '../progress.ts'
import { carefulProducer, clusterRedis } from '../replicated-redis.ts'

export const clusterOwnerLost: FaultCase = {
  number: 17,
  title: 'cluster: the owner of the slot is killed, or the slot moves under load',
  async play(open) {
    const topology = await startCluster()
    const redis = clusterRedis(topology)
    const stage = await open({ redis, settings: PATIENT, simulator: { scriptFor: inDoubt, latencyMs: [0, 300] } })
    await Promise.all([stage.start(), stage.start({ roles: ['submit', 'query', 'publish'] })])
    const load = startLoad(stage, { through: carefulProducer(stage) })
    await goesOn(stage, load, 40)
    const slots = { ledger: '{refunds}:due', queues: `${redis.queuePrefix}:refund:wait` }
    for (const key of Object.values(slots)) {
      const owner = await topology.ownerOf(key)
      const other = (await topology.masters()).find(({ port }) => port !== owner.port)
      if (!other || (await topology.moveSlot(key, other)) === 0) throw new Error(`nothing was moved with ${key}`)
      await goesOn(stage, load, 20)
    }
    for (const key of Object.values(slots)) {
      const killed = await topology.killOwner(key)
      await topology.settled()
      if ((await topology.ownerOf(key)).port === killed.port) throw new Error(`nobody took over ${key}`)
      await killed.restart()
      await goesOn(stage, load, 20)
    }
    await stage.completed(await load.stop())
  },
}
