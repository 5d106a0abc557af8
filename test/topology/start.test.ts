import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { connectRedis, type RedisAddress } from '../../src/redis/connection.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { gatewayKeys, merchantKeys, PARTNER } from '../e2e/settings.ts'
import { startProgram } from '../e2e/worker-process.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { clusterAddress, sentinelAddress } from './addresses.ts'
import { startCluster } from './cluster.ts'
import { startSentinel } from './sentinel.ts'
import { startServer } from './server.ts'

interface Away {
  readonly address: RedisAddress
  readonly settings: Readonly<Record<string, string>>
  readonly comeBack: () => Promise<unknown>
}

const PREFIX = '{q}'

const single = async (): Promise<Away> => {
  const server = await startServer()
  cleanUp(server.stop)
  await server.kill()
  return { address: { mode: 'single', url: server.url }, settings: { REDIS_URL: server.url }, comeBack: server.restart }
}

const sentinels = async (): Promise<Away> => {
  const topology = await startSentinel()
  cleanUp(topology.stop)
  for (const sentinel of topology.sentinelProcesses) await sentinel.kill()
  return {
    address: sentinelAddress(topology),
    settings: { REDIS_SENTINELS: topology.sentinels, REDIS_SENTINEL_NAME: topology.name },
    comeBack: async () => Promise.all(topology.sentinelProcesses.map(async (sentinel) => sentinel.restart())),
  }
}

const clusterNodes = async (): Promise<Away> => {
  const topology = await startCluster()
  cleanUp(topology.stop)
  for (const server of topology.servers) await server.kill()
  return {
    address: clusterAddress(topology),
    settings: { REDIS_CLUSTER_NODES: topology.nodes },
    comeBack: async () => {
      await Promise.all(topology.servers.map(async (server) => server.restart()))
      await topology.settled()
    },
  }
}

describe.each([
  ['its Redis', single],
  ['all sentinels', sentinels],
  ['every node of its cluster', clusterNodes],
] as const)('a worker that starts while %s is away', (_, away) => {
  test('waits, says so, and then pays a refund once', { timeout: 60_000 }, async () => {
    const { address, settings, comeBack } = await away()
    const simulator = await startSimulator({
      merchants: [{ oid_partner: PARTNER, publicKey: merchantKeys.publicKey }],
      gatewayPrivateKey: gatewayKeys.privateKey,
      repeated: 'pay_again',
      settleMs: 50,
    })
    cleanUp(simulator.stop)
    const worker = startProgram('all', {
      ...settings,
      QUEUE_PREFIX: PREFIX,
      REQUIRE_DURABLE_REDIS: 'true',
      LIANLIAN_OID_PARTNER: PARTNER,
      LIANLIAN_PRIVATE_KEY: merchantKeys.privateKey,
      LIANLIAN_PUBLIC_KEY: simulator.publicKey,
      LIANLIAN_REFUND_URL: `${simulator.url}/refund.htm`,
      LIANLIAN_QUERY_URL: `${simulator.url}/refundquery.htm`,
      LIANLIAN_NOTIFY_URL: 'http://127.0.0.1:9/',
      QUERY_DELAYS_MS: '200',
      RECEIVER_HOST: '127.0.0.1',
      RECEIVER_PORT: '0',
      ADMIN_PORT: '0',
    })
    cleanUp(async () => {
      worker.signal('SIGKILL')
      await worker.ended
    })
    await eventually(() => expect(worker.log().map(({ msg }) => msg)).toContain('redis connection fault'), {
      timeoutMs: 30_000,
    })
    await sleep(700)
    expect(worker.hasEnded()).toBe(false)
    expect(worker.log().map(({ msg }) => msg)).not.toContain('started')

    await comeBack()
    await worker.started()
    const connection = connectRedis(address, 'patient', () => {})
    cleanUp(() => connection.disconnect())
    const [refunds, events] = ['refund', 'refund-completed'].map(
      (name) => new Queue(name, { connection, prefix: PREFIX }),
    )
    for (const queue of [refunds, events]) cleanUp(async () => queue?.close())
    await refunds?.add('refund', { no_refund: 'R1', money_refund: '1.00', no_order: 'N1' })
    const event = await eventually(async () => (await events?.getJob(`${PARTNER}-R1-1`)) ?? false, {
      timeoutMs: 20_000,
    })
    expect(event.data).toMatchObject({ type: 'refund.succeeded' })
    expect(simulator.book).toHaveLength(1)
    worker.signal('SIGTERM')
    expect(await worker.ended).toEqual({ code: 0, signal: null })
    // whoever collects the logs reads one JSON line a message
    expect(worker.stderr()).toBe('')
  })
})
