import { Queue } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ledgerKeys } from '../../src/ledger/keys.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { findLeaks } from '../e2e/leaked-secrets.ts'
import { fleetSettings, gatewayKeys, merchantKeys, PARTNER } from '../e2e/settings.ts'
import { startProgram } from '../e2e/worker-process.ts'
import { dealt } from '../faults/dealt.ts'
import { type Asked, judge } from '../faults/judge.ts'
import { startSubscriber } from '../faults/subscriber.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { connect, ownCluster, ownSentinel } from './owned.ts'
import { STEADY } from './sentinel.ts'

const ROLES = ['submit', 'query', 'publish', 'receive', 'admin'] as const
const LEDGER = '{refunds}'
const BATCH = 40

const cluster = async () => {
  const topology = await ownCluster()
  const ledgerOwner = await topology.ownerOf(LEDGER)
  for (let index = 0; index < 20; index += 1) {
    const prefix = `{queues-${index}}`
    if ((await topology.ownerOf(prefix)) === ledgerOwner) continue
    return { topology, prefix, programs: ROLES, address: { REDIS_CLUSTER_NODES: topology.nodes } }
  }
  throw new Error('one master owns all of these tags')
}

const sentinel = async () => {
  const topology = await ownSentinel({ downAfterMs: STEADY })
  const address = { REDIS_SENTINELS: topology.sentinels, REDIS_SENTINEL_NAME: topology.name }
  return { topology, prefix: 'bull', programs: ['all'] as const, address }
}

describe.each([
  ['two processes of every role, the queues on one master of a cluster and the ledger on another', cluster],
  ['two processes of all roles on a master under sentinels', sentinel],
] as const)('%s', (_, start) => {
  test('share the work, then one does it alone: every refund ends once, and moves money once', async () => {
    const { topology, prefix, programs, address } = await start()
    const simulator = await startSimulator({
      merchants: [{ oid_partner: PARTNER, publicKey: merchantKeys.publicKey }],
      gatewayPrivateKey: gatewayKeys.privateKey,
      repeated: 'pay_again',
      settleMs: 50,
      notifyRepeatMs: 200,
      // nobody may have taken all of it before the other has begun
      latencyMs: [50, 100],
      scriptFor: dealt([{}, { notify: ['lost'] }]),
    })
    cleanUp(simulator.stop)
    const startHalf = async () => {
      const ports = { receiver: await freePort(), admin: await freePort() }
      const settings: Readonly<Record<string, string>> = {
        ...fleetSettings(simulator, ports),
        ...address,
        REQUIRE_DURABLE_REDIS: 'true',
        QUEUE_PREFIX: prefix,
        LEDGER_PREFIX: LEDGER,
        SUBMIT_CONCURRENCY: '4',
        QUERY_CONCURRENCY: '4',
        // a machine under load answers late, which is no denial
        GATEWAY_TIMEOUT_MS: '5000',
        NOT_FOUND_MIN_AGE_MS: '3000',
      }
      return { settings, ports, workers: programs.map((program) => startProgram(program, settings)) }
    }
    const [first, second] = [await startHalf(), await startHalf()]
    const workers = [...first.workers, ...second.workers]
    cleanUp(async () => {
      for (const worker of workers) worker.signal('SIGKILL')
      await Promise.all(workers.map(({ ended }) => ended))
    })
    await Promise.all(workers.map(async (worker) => worker.started()))

    const redis = connect(topology)
    const refunds = new Queue('refund', { connection: redis, prefix })
    cleanUp(async () => refunds.close())
    const subscriber = startSubscriber(connect(topology), prefix)
    cleanUp(subscriber.close)
    const asked = new Map<string, Asked>()
    /** Every other one is notified: of each four the first by the one receiver, the third by the other. */
    const refund = async (name: string, ...receivers: readonly [number, number]) => {
      const jobs = Array.from({ length: BATCH }, (__, index) => {
        const no_refund = `${name}${String(index).padStart(4, '0')}`
        const notify_url = `http://127.0.0.1:${receivers[index % 4 < 2 ? 0 : 1]}/notifications/refund`
        return { no_refund, money_refund: '1.00', no_order: no_refund, notify_url }
      })
      await refunds.addBulk(jobs.map((data) => ({ name: 'refund', data })))
      for (const job of jobs) asked.set(job.no_refund, job)
      await eventually(() => expect(subscriber.events.size).toBe(asked.size), { timeoutMs: 40_000 })
    }

    await refund('A', first.ports.receiver, second.ports.receiver)
    const seenBy = (observation: string) =>
      workers.filter((worker) => worker.log().some((line) => line.observation === observation)).length
    expect(['submit', 'query', 'notice'].map(seenBy)).toEqual([2, 2, 2])
    const publishers = await redis.xinfo('CONSUMERS', ledgerKeys(LEDGER).outbox, 'publish')
    expect(z.array(z.unknown()).parse(publishers)).toHaveLength(2)
    for (const { ports } of [first, second]) {
      const page = await (await fetch(`http://127.0.0.1:${ports.admin}/metrics`)).text()
      expect(page).toContain(`\nrefund_refunds{state="succeeded"} ${BATCH}\n`)
      for (const role of ROLES) expect(page).toContain(`\nrefund_workers{role="${role}"} 2\n`)
    }

    for (const worker of first.workers) worker.signal('SIGTERM')
    const endings = await Promise.all(first.workers.map(({ ended }) => ended))
    expect(endings).toEqual(first.workers.map(() => ({ code: 0, signal: null })))
    await refund('B', second.ports.receiver, second.ports.receiver)

    const { book, requests } = simulator
    expect(judge({ asked, held: new Set(), events: subscriber.events, book, requests })).toEqual([])
    expect(book).toHaveLength(2 * BATCH)
    expect(subscriber.changed).toEqual([])
    expect(await refunds.getFailed()).toEqual([])
    expect(second.workers.some((worker) => worker.hasEnded())).toBe(false)
    expect(findLeaks(workers, requests, first.settings)).toEqual([])
  })
})
