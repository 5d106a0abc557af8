import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, Redis } from 'ioredis'
import { z } from 'zod'

/** What money needs of Redis: nothing that was acknowledged is lost in a power cut, and nothing is evicted. */
const REQUIRED: Readonly<Record<string, string>> = {
  'maxmemory-policy': 'noeviction',
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
}

/** A replica that does not answer cannot be promoted either, and must hold up nobody. */
const REPLICA_ANSWER_MS = 1_000

const masterRole = z.tuple([
  z.literal('master'),
  z.unknown(),
  z.array(z.tuple([z.string(), z.coerce.number()], z.unknown())),
])

/**
 * Where another server may take the master's place at any moment (Sentinel, Cluster), its replicas are looked at too:
 * claims are sent on their word, and each may be the master tomorrow.
 *
 * @returns one line for every setting of Redis that could lose a refund; empty when all are right
 */
export async function durabilityFaults(redis: Redis | Cluster): Promise<string[]> {
  const faults = new Set<string>()
  for (const node of await mastersOf(redis)) {
    for (const fault of await faultsOf(node)) faults.add(`redis: ${fault}`)
  }
  for (const found of await Promise.all(await replicaFaults(redis))) {
    for (const fault of found) faults.add(`redis replica: ${fault}`)
  }
  return [...faults]
}

/** A cluster knows its nodes only once it has answered; asked before, it would have none to find fault with. */
async function mastersOf(redis: Redis | Cluster): Promise<Redis[]> {
  if (!(redis instanceof Cluster)) return [redis]
  await redis.ping()
  return redis.nodes('master')
}

async function replicaFaults(redis: Redis | Cluster): Promise<Promise<string[]>[]> {
  if (redis instanceof Cluster) return redis.nodes('slave').map(faultsInTime)
  if (!redis.options.sentinels) return []
  const role = masterRole.safeParse(await redis.role())
  if (!role.success) return []
  const [, , replicas] = role.data
  return replicas.map(async ([host, port]) => {
    const { username, password, tls } = redis.options
    const access = { username, password, ...(tls && { tls }) }
    const replica = new Redis({ host, port, retryStrategy: null, maxRetriesPerRequest: 0, ...access })
    replica.on('error', () => {})
    try {
      return await faultsInTime(replica)
    } finally {
      replica.disconnect()
    }
  })
}

async function faultsInTime(replica: Redis): Promise<string[]> {
  const faults = faultsOf(replica).catch(() => [])
  return Promise.race([faults, sleep(REPLICA_ANSWER_MS, [])])
}

async function faultsOf(node: Redis): Promise<string[]> {
  const names = Object.entries(REQUIRED)
  const found = await Promise.all(names.map(async ([name]) => settingOf(node, name)))
  return names.flatMap(([name, wanted], index) => {
    const value = found[index]
    return value === wanted ? [] : [`${name} must be ${wanted}, it is ${value ?? 'not readable'}`]
  })
}

async function settingOf(node: Redis, name: string): Promise<string | undefined> {
  try {
    const reply: unknown = await node.config('GET', name)
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : undefined
  } catch (error) {
    // a server that hides its settings says so with an error of its own; anything else is a connection fault
    if (error instanceof Error && error.name === 'ReplyError') return undefined
    throw error
  }
}
