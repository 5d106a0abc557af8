import { readFileSync } from 'node:fs'
import type { Queue } from 'bullmq'
import { isReplicated } from '../../src/redis/replicated.ts'
import { clusterAddress, sentinelAddress } from '../topology/addresses.ts'
import type { ClusterTopology } from '../topology/cluster.ts'
import type { SentinelTopology } from '../topology/sentinel.ts'
import { type CaseRedis, redisAt } from './case-redis.ts'
import type { Stage } from './stage.ts'

const touchJob = readFileSync(new URL('../../src/queue/touch-job.lua', import.meta.url), 'utf8')

export function sentinelRedis(topology: SentinelTopology): CaseRedis {
  const { sentinels, name, stop } = topology
  return { ...redisAt(sentinelAddress(topology), { REDIS_SENTINELS: sentinels, REDIS_SENTINEL_NAME: name }), stop }
}

export function clusterRedis(topology: ClusterTopology): CaseRedis {
  return { ...redisAt(clusterAddress(topology), { REDIS_CLUSTER_NODES: topology.nodes }), stop: topology.stop }
}

/** A producer to whom an `add` counts only when a replica has the job: else a failover may still lose it. */
export function carefulProducer({ refunds, connection }: Pick<Stage, 'refunds' | 'connection'>): Pick<Queue, 'add'> {
  return {
    async add(...given) {
      const job = await refunds.add(...given)
      const keys = [refunds.toKey('confirmed'), refunds.toKey(job.id ?? '')] as const
      const kept = await isReplicated(connection, 1, { script: touchJob, keys, args: [] })
      if (!kept) throw new Error('no replica has the job')
      return job
    },
  }
}
