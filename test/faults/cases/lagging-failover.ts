import { eventually } from '../../support/eventually.ts'
import { infoOf } from '../../topology/replication.ts'
import { type SentinelTopology, startSentinel } from '../../topology/sentinel.ts'
import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { startLoad } from '../load.ts'
import { goesOn } from '../progress.ts'
import { carefulProducer, sentinelRedis } from '../replicated-redis.ts'

/** Bytes of the replication stream: more than one commit. */
const LOST = 2_000

export const laggingFailover: FaultCase = {
  number: 15,
  title: 'Sentinel failover with a lagging replica',
  async play(open) {
    const topology = await startSentinel()
    const stage = await open({
      redis: sentinelRedis(topology),
      settings: PATIENT,
      // requests are under way when the replica falls behind: what they learn will be lost
      simulator: { scriptFor: inDoubt, latencyMs: [200, 800] },
    })
    await Promise.all([stage.start(), stage.start({ roles: ['submit', 'query', 'publish'] })])
    const load = startLoad(stage, { through: carefulProducer(stage) })
    await goesOn(stage, load, 40)
    await topology.lagReplicas()
    await eventually(async () => (await lag(topology)) > LOST, { timeoutMs: 30_000 })
    const old = await topology.killMaster()
    await topology.failedOver(old)
    await old.restart()
    await topology.settled()
    await goesOn(stage, load, 40)
    await stage.completed(await load.stop())
  },
}

/** How far the replica is behind, in bytes of the replication stream. */
async function lag(topology: SentinelTopology): Promise<number> {
  const [replica] = await topology.replicas()
  if (!replica) throw new Error('there is no replica')
  const offset = async (port: number, name: string) => Number((await infoOf(port)).get(name))
  const written = await offset(await topology.masterPort(), 'master_repl_offset')
  return written - (await offset(replica.port, 'slave_repl_offset'))
}
