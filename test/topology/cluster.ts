import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { ask } from './ask.ts'
import { type ClusterView, viewOf } from './cluster-view.ts'
import { breakReplication, inSync, mendReplication, replicationSettings } from './replication.ts'
import { type Server, startServer } from './server.ts'

export interface ClusterOptions {
  /** over the durable ones, for every node */
  readonly settings?: Readonly<Record<string, string>>
}

export interface MoveOptions {
  /** keys moved at once; default 10 */
  readonly batch?: number
  /** rest between batches, ms, in which clients meet a slot that is half moved; default 5 */
  readonly pauseMs?: number
}

/** Three masters with a replica each; a master that is silent for some three seconds is replaced. */
export interface ClusterTopology extends AsyncDisposable {
  /** `host:port,...`, for REDIS_CLUSTER_NODES */
  readonly nodes: string
  readonly servers: readonly Server[]
  readonly masters: () => Promise<readonly Server[]>
  /** The master of the key's slot. */
  readonly ownerOf: (key: string) => Promise<Server>
  /** The replicas of the key's master that are up. */
  readonly replicasOf: (key: string) => Promise<readonly Server[]>
  /** SIGKILL. Resolves to the server that owned the slot; `settled` waits for its replacement. */
  readonly killOwner: (key: string) => Promise<Server>
  /** SIGSTOP, likewise; `thaw` it to play its return. */
  readonly freezeOwner: (key: string) => Promise<Server>
  /** The owner goes on, but its replicas get nothing any more: a failover loses what is written from now on. */
  readonly lagReplicas: (key: string) => Promise<void>
  /** Undoes `lagReplicas`, and waits until the replicas have everything. */
  readonly catchUp: (key: string) => Promise<void>
  /**
   * Moves the key's slot to another master as an operator does it, while clients write. Resolves to the number of keys
   * that were moved, once every node knows the new owner.
   */
  readonly moveSlot: (key: string, to: Server, options?: MoveOptions) => Promise<number>
  /** Waits until every node that is up says that the cluster is whole, and all name the same owners, which are up. */
  readonly settled: () => Promise<void>
  readonly stop: () => Promise<void>
}

const MASTERS = 3
const SLOTS = 16_384
/** Tries of finding ports that nobody else takes meanwhile. */
const TRIES = 3

export async function startCluster({ settings = {} }: ClusterOptions = {}): Promise<ClusterTopology> {
  const servers: Server[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map(async (server) => server.stop()))
  }
  try {
    servers.push(...(await Promise.all(Array.from({ length: 2 * MASTERS }, async () => startNode(settings)))))
    await join(servers)
  } catch (error) {
    await stop()
    throw error
  }
  const up = () => servers.filter((server) => server.isUp())
  const view = async (): Promise<ClusterView> => {
    const views = await Promise.allSettled(up().map(async ({ port }) => viewOf(port)))
    const found = views.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    // the newest word on the owners
    const [newest] = found.toSorted((a, b) => b.epoch - a.epoch)
    if (newest === undefined) throw new Error('no node of the cluster answers')
    return newest
  }
  const slotOf = async (key: string): Promise<number> => {
    const [node] = up()
    return Number(await ask(node?.port ?? 0, 'CLUSTER', 'KEYSLOT', key))
  }
  const serverAt = (port: number): Server => {
    const found = servers.find((server) => server.port === port)
    if (found === undefined) throw new Error(`no node of the cluster has port ${port}`)
    return found
  }
  const ownerOf = async (key: string): Promise<Server> => {
    const [slot, { nodes }] = [await slotOf(key), await view()]
    const owner = nodes.find(({ slots }) => slots.some(([from, to]) => from <= slot && slot <= to))
    if (owner === undefined) throw new Error(`nobody owns slot ${slot}`)
    return serverAt(owner.port)
  }
  const replicasOf = async (key: string): Promise<readonly Server[]> => {
    const owner = await ownerOf(key)
    const { nodes } = await view()
    const id = nodes.find(({ port }) => port === owner.port)?.id
    const replicas = nodes.filter(({ master }) => master === id).map(({ port }) => serverAt(port))
    return replicas.filter((server) => server.isUp())
  }
  const settled = async (): Promise<void> => {
    await eventually(
      async () => {
        const views = await Promise.all(up().map(async ({ port }) => viewOf(port)))
        const owners = new Set(views.flatMap(({ nodes }) => nodes.filter(({ slots }) => slots.length > 0)))
        return (
          views.every(({ ok }) => ok) &&
          new Set(views.map(({ owners: named }) => named)).size === 1 &&
          [...owners].every(({ port }) => serverAt(port).isUp())
        )
      },
      { timeoutMs: 40_000, intervalMs: 100 },
    )
  }

  try {
    await settled()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    nodes: servers.map(({ host, port }) => `${host}:${port}`).join(','),
    servers,
    masters: async () => (await view()).nodes.filter(({ slots }) => slots.length > 0).map(({ port }) => serverAt(port)),
    ownerOf,
    replicasOf,
    killOwner: async (key) => {
      const owner = await ownerOf(key)
      await owner.kill()
      return owner
    },
    freezeOwner: async (key) => {
      const owner = await ownerOf(key)
      owner.freeze()
      return owner
    },
    lagReplicas: async (key) => breakReplication(await ownerOf(key)),
    catchUp: async (key) => {
      await mendReplication(await ownerOf(key))
      for (const replica of await replicasOf(key)) await inSync(replica)
    },
    moveSlot: async (key, to, { batch = 10, pauseMs = 5 } = {}) => {
      const [slot, from, { nodes }] = [await slotOf(key), await ownerOf(key), await view()]
      const idOf = (server: Server) => nodes.find(({ port }) => port === server.port)?.id ?? ''
      await ask(to.port, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', idOf(from))
      await ask(from.port, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', idOf(to))
      let moved = 0
      while (true) {
        const keys = await ask(from.port, 'CLUSTER', 'GETKEYSINSLOT', slot, batch)
        if (!Array.isArray(keys) || keys.length === 0) break
        await ask(from.port, 'MIGRATE', to.host, to.port, '', 0, 1000, 'KEYS', ...keys.map(String))
        moved += keys.length
        await sleep(pauseMs)
      }
      // the new owner first: between the two, no one may think that nobody owns the slot
      const masters = nodes.filter(({ slots }) => slots.length > 0).map(({ port }) => serverAt(port))
      const others = masters.filter((server) => server !== to && server !== from && server.isUp())
      for (const server of [to, from, ...others]) await ask(server.port, 'CLUSTER', 'SETSLOT', slot, 'NODE', idOf(to))
      await settled()
      return moved
    },
    settled,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function startNode(settings: Readonly<Record<string, string>>): Promise<Server> {
  for (let tries = 1; ; tries += 1) {
    const cluster = {
      'cluster-enabled': 'yes',
      'cluster-announce-ip': '127.0.0.1',
      'cluster-node-timeout': '1500',
      // the usual one, 10,000 above the port, may lie beyond the last port
      'cluster-port': String(await freePort()),
    }
    try {
      return await startServer({ settings: { ...replicationSettings, ...cluster, ...settings } })
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}

async function join(servers: readonly Server[]): Promise<void> {
  const [first, ...others] = servers
  if (first === undefined) throw new Error('a cluster needs nodes')
  const masters = servers.slice(0, MASTERS)
  for (const [index, { port }] of masters.entries()) {
    const edge = (at: number) => Math.floor((at * SLOTS) / MASTERS)
    await ask(port, 'CLUSTER', 'ADDSLOTSRANGE', edge(index), edge(index + 1) - 1)
  }
  // nodes with equal epochs would settle who is right at their leisure
  for (const [index, { port }] of servers.entries()) await ask(port, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  const [, bus] = z.tuple([z.string(), z.coerce.number()]).parse(await ask(first.port, 'CONFIG', 'GET', 'cluster-port'))
  for (const { port } of others) await ask(port, 'CLUSTER', 'MEET', first.host, first.port, bus)
  for (const [index, replica] of servers.slice(MASTERS).entries()) {
    const master = masters[index]
    const id = String(await ask(master?.port ?? 0, 'CLUSTER', 'MYID'))
    // a node must have heard of its master first
    await eventually(async () => (await ask(replica.port, 'CLUSTER', 'REPLICATE', id)) === 'OK', { timeoutMs: 20_000 })
    await inSync(replica)
  }
}
