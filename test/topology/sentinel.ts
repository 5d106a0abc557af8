import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { ask } from './ask.ts'
import { breakReplication, infoOf, inSync, mendReplication, replicationSettings } from './replication.ts'
import { type SentinelProcess, startSentinelProcess } from './sentinel-process.ts'
import { type Server, startServer } from './server.ts'

export interface SentinelOptions {
  /** default 1 */
  readonly replicas?: number
  /** over the durable ones, for every server */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * so long must a master be silent before it is voted out; default 1500. A busy machine makes a master silent for
   * seconds: a test that plays no failover says `STEADY`.
   */
  readonly downAfterMs?: number
}

/** `downAfterMs` of a test in which the master stays the master. */
export const STEADY = 120_000

/** A master with replicas under three sentinels, which need some three seconds to vote a silent master out. */
export interface SentinelTopology extends AsyncDisposable {
  /** `host:port,...`, for REDIS_SENTINELS */
  readonly sentinels: string
  /** for REDIS_SENTINEL_NAME */
  readonly name: string
  readonly sentinelProcesses: readonly SentinelProcess[]
  readonly servers: readonly Server[]
  /** The master as the sentinels' majority knows it. */
  readonly masterPort: () => Promise<number>
  readonly master: () => Promise<Server>
  readonly replicas: () => Promise<readonly Server[]>
  /** SIGKILL. Resolves to the server that was the master; `restart` it to play its return. */
  readonly killMaster: () => Promise<Server>
  /** SIGSTOP. Resolves to the server that was the master; `thaw` it to play its return. */
  readonly freezeMaster: () => Promise<Server>
  /** Clients reach the master, but its replicas get nothing any more: a failover loses what is written from now on. */
  readonly lagReplicas: () => Promise<void>
  /** Undoes `lagReplicas`, and waits until the replicas have everything. */
  readonly catchUp: () => Promise<void>
  /** Waits until all sentinels that run know another master than this one, and it works as one. Returns its port. */
  readonly failedOver: (from: Pick<Server, 'port'>) => Promise<number>
  /** Waits until every server that runs follows the master, one that came back included. */
  readonly settled: () => Promise<void>
  readonly stop: () => Promise<void>
}

const NAME = 'refunds'
const SENTINELS = 3
const addressReply = z.tuple([z.string(), z.coerce.number()])
const roleReply = z.tuple([z.string()], z.unknown())

export async function startSentinel({
  replicas = 1,
  settings = {},
  downAfterMs = 1500,
}: SentinelOptions = {}): Promise<SentinelTopology> {
  const servers: Server[] = []
  const sentinels: SentinelProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all([...sentinels, ...servers].map(async (each) => each.stop()))
  }
  try {
    const options = { settings: { ...replicationSettings, ...settings } }
    const master = await startServer(options)
    servers.push(master)
    for (let count = 0; count < replicas; count += 1) {
      const replica = await startServer(options)
      servers.push(replica)
      await ask(replica.port, 'REPLICAOF', master.host, master.port)
      await inSync(replica)
    }
    const lines = [
      `sentinel monitor ${NAME} ${master.host} ${master.port} 2`,
      `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
      `sentinel failover-timeout ${NAME} 4000`,
    ]
    for (let count = 0; count < SENTINELS; count += 1) sentinels.push(await startSentinelProcess(lines))
    await Promise.all(sentinels.map(async ({ port }) => knowsAll(port, replicas)))
  } catch (error) {
    await stop()
    throw error
  }

  const masterPort = async (): Promise<number> => {
    const known = await Promise.allSettled(sentinels.map(masterKnownTo))
    const ports = known.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const port = ports.find((each) => ports.filter((other) => other === each).length > SENTINELS / 2)
    if (port === undefined) throw new Error(`the sentinels name different masters: ${ports.join(', ')}`)
    return port
  }
  const master = async (): Promise<Server> => {
    const port = await masterPort()
    const found = servers.find((server) => server.port === port)
    if (found === undefined) throw new Error(`the sentinels name a master of another port: ${port}`)
    return found
  }
  const replicasOf = async (): Promise<readonly Server[]> => {
    const port = await masterPort()
    return servers.filter((server) => server.port !== port)
  }
  const settled = async (): Promise<void> => {
    await eventually(
      async () => {
        const wanted = await masterPort()
        const running = servers.filter((server) => server.port !== wanted && server.isUp())
        await Promise.all(running.map(async ({ port }) => follows(port, wanted)))
        return true
      },
      { timeoutMs: 60_000 },
    )
  }
  return {
    sentinels: sentinels.map(({ port }) => `127.0.0.1:${port}`).join(','),
    name: NAME,
    sentinelProcesses: sentinels,
    servers,
    masterPort,
    master,
    replicas: replicasOf,
    killMaster: async () => {
      const old = await master()
      await old.kill()
      return old
    },
    freezeMaster: async () => {
      const old = await master()
      old.freeze()
      return old
    },
    lagReplicas: async () => breakReplication(await master()),
    catchUp: async () => {
      await mendReplication(await master())
      await settled()
    },
    failedOver: async (from) =>
      await eventually(
        async () => {
          const port = await masterPort()
          return port !== from.port && (await isMaster(port)) && port
        },
        { timeoutMs: 30_000 },
      ),
    settled,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** @throws Error when the server at this port is no replica of that master, or has no link to it */
async function follows(port: number, master: number): Promise<void> {
  const info = await infoOf(port)
  const [followed, link] = [info.get('master_port'), info.get('master_link_status')]
  if (followed !== String(master) || link !== 'up') {
    throw new Error(`${port} follows ${followed} (link ${link}) instead of ${master}`)
  }
}

async function masterKnownTo(sentinel: SentinelProcess): Promise<number> {
  const [, port] = addressReply.parse(await ask(sentinel.port, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME))
  return port
}

async function isMaster(port: number): Promise<boolean> {
  const [role] = roleReply.parse(await ask(port, 'ROLE'))
  return role === 'master'
}

const masterReply = z.array(z.string()).transform((flat) => ({
  sentinels: Number(flat[flat.indexOf('num-other-sentinels') + 1]),
  replicas: Number(flat[flat.indexOf('num-slaves') + 1]),
}))

/** Before that, sentinels could not outvote a master, or would have no replica to promote. */
async function knowsAll(sentinel: number, replicas: number): Promise<void> {
  await eventually(
    async () => {
      const known = masterReply.parse(await ask(sentinel, 'SENTINEL', 'MASTER', NAME))
      return known.sentinels === SENTINELS - 1 && known.replicas === replicas
    },
    { timeoutMs: 20_000 },
  )
}
