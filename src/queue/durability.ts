import { Cluster, type Redis } from 'ioredis'

/** What money needs of Redis: nothing that was acknowledged is lost in a power cut, and nothing is evicted. */
const REQUIRED: Readonly<Record<string, string>> = {
  'maxmemory-policy': 'noeviction',
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
}

/** @returns one line for every setting of Redis that could lose a refund; empty when all are right */
export async function durabilityFaults(redis: Redis | Cluster): Promise<string[]> {
  const nodes = redis instanceof Cluster ? await mastersOf(redis) : [redis]
  const faults = new Set<string>()
  for (const node of nodes) {
    for (const [name, wanted] of Object.entries(REQUIRED)) {
      const found = await settingOf(node, name)
      if (found !== wanted) faults.add(`redis: ${name} must be ${wanted}, it is ${found ?? 'not readable'}`)
    }
  }
  return [...faults]
}

/** A cluster knows its nodes only once it has answered; asked before, it would have none to find fault with. */
async function mastersOf(cluster: Cluster): Promise<Redis[]> {
  await cluster.ping()
  return cluster.nodes('master')
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
