import { readFileSync } from 'node:fs'
import type { Queue } from 'bullmq'
import type { RedisAddress } from '../../src/redis/connection.ts'
import { isReplicated } from '../../src/redis/replicated.ts'
import type { ClusterTopology } from '../topology/cluster.ts'
import type { SentinelTopology } from '../topology/sentinel.ts'
import { type CaseRedis, redisAt } from './case-redis.ts'
import type { Stage } from './stage.ts'

const touchJob = readFileSync(new URL('../../src/queue/touch-job.lua', import.meta.url), 'utf8')

export function sentinelRedis({ sentinels, name, stop }: SentinelTopology): CaseRedis {
  const address: RedisAddress = { mode: 'sentinel', sentinels: addressesOf(sentinels), name }
  return { ...redisAt(address, { REDIS_SENTINELS: sentinels, REDIS_SENTINEL_NAME: name }), stop }
}

export function clusterRedis({ nodes, stop }: ClusterTopology): CaseRedis {
  return { ...redisAt({ mode: 'cluster', nodes: addressesOf(nodes) }, { REDIS_CLUSTER_NODES: nodes }), stop }
}

function addressesOf(list: string): { readonly host: string; readonly port: number }[] {
  return list.split(',').map((text) => {
    const [host = '', port] = text.split(':')
    return { host, port: Number(port) }
  })
}

/** A producer to whom an `add` counts only when a replica has the job: else a failover may still lose it. */
export function carefulProducer({ refunds, connection }: Pick<Stage, 'refunds' | 'connection'>): Pick<Queue, 'add'> {
  return {
    async add(...given) {
      const job = await refunds.add(...given)
      const keys = [refunds.toKey(job.id ?? ''), refunds.toKey('confirmed')] as const
      const kept = await isReplicated(connection, 1, { script: touchJob, keys, args: [] })
      if (!kept) throw new Error('no replica has the job')
      return job
    },
  }
}
