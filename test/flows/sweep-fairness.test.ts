import { Queue } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { sweep } from '../../src/flows/sweep.ts'
import { CALLED_AT_ONCE } from '../../src/ledger/due.ts'
import type { GatePolicy } from '../../src/ledger/gate.ts'
import { wakes } from '../../src/queue/wakes.ts'
import { parseRefundJob } from '../../src/refund/job-data.ts'
import { seenJob, type TestLedger, testLedger } from '../ledger/fixture.ts'
import { DATA, NOTIFY_URL } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, testNamespace } from '../support/redis.ts'

const STOP = { by: 'ops', at: 1, reason: 'test' }
const REFUNDS = 600
const SINGLE = 'single'
/** Fewer than what is called between two sweeps: a worker that does not keep up. */
const POPS = 10

const merchantsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `2011031710${String(index).padStart(8, '0')}`)

interface Fleet {
  readonly at: TestLedger
  readonly queue: Queue
  /** calls who may be called, as the sweeper does */
  callWaiting(): Promise<void>
  /** what a worker begins with next: nothing, a producer's job, or the merchant of a wake-up, which has asked by then */
  take(): Promise<string | undefined>
}

/** Every merchant has its share of the refunds in its line. */
async function fleet(
  merchants: readonly string[],
  { stopped = [], gate = {} }: { stopped?: readonly string[]; gate?: Partial<GatePolicy> } = {},
): Promise<Fleet> {
  const { queuePrefix: prefix } = testNamespace()
  const connection = openRedis()
  const at = testLedger({ policy: { graceMs: 0 }, gate })
  const hand = wakes(connection, prefix, (error) => expect.unreachable(error.message))
  cleanUp(async () => await hand.close())
  const queue = new Queue('refund', { connection, prefix })
  cleanUp(async () => await queue.close())
  await at.ledger.stop(undefined, STOP)
  for (const oid_partner of stopped) await at.ledger.stop(oid_partner, STOP)
  const all = [...merchants, ...stopped]
  const refunds = all.flatMap((oid_partner) =>
    Array.from({ length: REFUNDS / all.length }, (_, index) => ({ oid_partner, no_refund: `refund-${index}` })),
  )
  await Promise.all(refunds.map(async (id) => accept(at, id)))
  const callWaiting = async () => {
    await sweep({ ledger: at.ledger, wakes: hand, leaseMs: 600_000, retentionMs: 86_400_000 })
  }
  await eventually(async () => {
    await callWaiting()
    const lines = await Promise.all(all.map((oid_partner) => at.redis.zcard(at.keys.line('send', oid_partner))))
    expect(lines).toEqual(all.map(() => REFUNDS / all.length))
  })
  await at.ledger.resume(undefined)
  return {
    at,
    queue,
    callWaiting,
    async take() {
      const id = await connection.rpop(queue.toKey('wait'))
      const [, oid_partner, no_refund] = /^look-(\d+)-(.*)-[0-9a-f]+$/.exec(id ?? '') ?? []
      if (oid_partner === undefined || no_refund === undefined) return id ?? undefined
      expect(await at.ledger.admit({ oid_partner, no_refund }, 'send')).toMatchObject({ go: true })
      return oid_partner
    },
  }
}

async function accept(at: TestLedger, id: { oid_partner: string; no_refund: string }): Promise<void> {
  const now = Date.now()
  const merchants = new Map([[id.oid_partner, { notifyUrl: NOTIFY_URL }]])
  const parsed = parseRefundJob({ ...DATA, ...id, no_order: id.no_refund }, { timestamp: now, merchants })
  const job = seenJob({}, { at: now })
  await at.see(id, (snapshot, breaches) => ({ ...job(snapshot, breaches), parsed }))
}

describe.for([1, 2, 4, 20])('%d merchants with long lines', (count) => {
  test('let a newcomer wait for no more than what is called at once, however slow the workers are', async () => {
    const { queue, callWaiting, take } = await fleet(merchantsOf(count))
    await callWaiting()
    await queue.add('refund', {}, { jobId: SINGLE })
    const before: string[] = []
    while (!before.includes(SINGLE) && before.length < REFUNDS) {
      for (let pop = 0; pop < POPS; pop++) before.push((await take()) ?? 'none')
      await callWaiting()
    }
    expect(before.indexOf(SINGLE)).toBeGreaterThanOrEqual(0)
    expect(before.indexOf(SINGLE)).toBeLessThanOrEqual(CALLED_AT_ONCE)
  })

  test('share the sends evenly', async () => {
    const merchants = merchantsOf(count)
    const { callWaiting, take } = await fleet(merchants)
    const sends = new Map(merchants.map((partner) => [partner, 0]))
    for (let taken = 0; taken < REFUNDS / 2; taken += POPS) {
      await callWaiting()
      for (let pop = 0; pop < POPS; pop++) {
        const partner = (await take()) ?? 'none'
        sends.set(partner, (sends.get(partner) ?? 0) + 1)
      }
    }
    expect([...sends.keys()]).toEqual(merchants)
    const share = Math.floor(CALLED_AT_ONCE / count)
    expect(Math.max(...sends.values()) - Math.min(...sends.values())).toBeLessThanOrEqual(share)
  })
})

test('who may not be called takes no share of those who may', async () => {
  const [open = '', ...stopped] = merchantsOf(4)
  const { queue, callWaiting } = await fleet([open], { stopped })
  await callWaiting()
  expect(await queue.getWaitingCount()).toBe(CALLED_AT_ONCE)
})

test('what a call rate leaves of a share goes to the others', async () => {
  const [open = '', ...rated] = merchantsOf(4)
  const rate = { max: 2, durationMs: 600_000 }
  const { queue, callWaiting } = await fleet([open, ...rated], {
    gate: { rateOf: (partner) => (partner === open ? undefined : rate) },
  })
  await callWaiting()
  const partners = (await queue.getWaiting()).map(({ id }) => id?.split('-')[1])
  expect(partners).toHaveLength(CALLED_AT_ONCE)
  expect(partners.filter((partner) => partner === open)).toHaveLength(CALLED_AT_ONCE - rated.length * rate.max)
})
