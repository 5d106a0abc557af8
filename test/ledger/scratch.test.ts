import { expect, test } from 'vitest'
import { Queue, Worker } from 'bullmq'
import { BAD_DATA, notice, NUMBER, submit, submits, PARTNER, DATA } from '../refund/builders.ts'
import { accepted, claim, claimed, idOf, seenJob, testLedger, silent } from './fixture.ts'
import { testNamespace, openRedis } from '../support/redis.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { wakes } from '../../src/queue/wakes.ts'
import { queryWorker } from '../../src/queue/workers.ts'
import { createProducer } from '../../src/queue/producer.ts'
import { freePort } from '../support/free-port.ts'
import { gatewayTime } from '../../src/refund/gateway-time.ts'

const id = idOf(NUMBER)

test('early stays after bad data', async () => {
  const at = testLedger()
  await at.ledger.keepUnmatched(id, notice('2').notice)
  await at.see(id, seenJob(BAD_DATA))
  expect((await at.ledger.read(id)).unmatched).toBeDefined()
})

test('two keys frozen and over', async () => {
  const at = testLedger()
  // paybill order full
  await accepted(at, { no_refund: 'a', no_order: undefined, oid_paybill: 'p1', money_refund: '200.00', order_amount: '200.01' })
  // n order frozen
  await claimed(at, { no_refund: 'b', money_refund: '0.01' })
  await at.see(idOf('b'), submit({ kind: 'refused', conclusive: true, quarantine: 'full', fields: { ret_code: '5002' } }))
  const b = await at.record(idOf('b'))
  await at.see(idOf('b'), notice('2', { fen: 1, dt_refund: b.request?.dt_refund }))
  expect((await at.record(idOf('b'))).contradiction).toBe(true)
  const r = await at.see(id, seenJob({ oid_paybill: 'p1' }))
  console.log(r.record?.state, r.record?.holds)
  console.log(await at.redis.hgetall(`${at.prefix}:o:${PARTNER}:p:p1`))
})

test('dated', async () => {
  const at = testLedger()
  await at.ledger.keepUnmatched(id, notice('2').notice)
  const own = gatewayTime(Date.now())
  const j = seenJob({ dt_refund: own })
  console.log((await at.see(id, j)).record?.request)
  console.log((await at.see(id, j)).decision)
})

test('wake again', async () => {
  const at = testLedger()
  const { queuePrefix } = testNamespace()
  const record = await accepted(at, {})
  await at.see(id, { type: 'hold', by: 'x', reason: 'y' })
  const c = openRedis()
  const hand = wakes(c, queuePrefix)
  cleanUp(() => hand.close())
  const engine = { ledger: at.ledger, gatewayOf: () => undefined, policy: at.policy, gatewayTimeoutMs: 1000, clock: { wall: () => Date.now(), monotonic: () => performance.now() }, random: () => 0.5, newToken: () => 'x', log: silent }
  const w = queryWorker(engine, { connection: openRedis(), prefix: queuePrefix, concurrency: 1, lockDurationMs: 10000, stalledIntervalMs: 5000, log: silent })
  cleanUp(() => w.close())
  const q = new Queue('refund-query', { connection: c, prefix: queuePrefix })
  cleanUp(() => q.close())
  await hand.wake('refund-query', [record])
  await eventually(async () => (await q.getJobCounts('waiting', 'active')).waiting === 0 && (await q.getJobCounts('active')).active === 0)
  console.log(await q.getJobCounts())
  expect((await q.getJobCounts()).completed).toBe(0)
})

test('producer away', async () => {
  const port = await freePort()
  const p = createProducer({ redis: `redis://127.0.0.1:${port}`, prefix: 'x' })
  const t = performance.now()
  const e = await p.enqueueRefund(DATA).catch((e: unknown) => e)
  console.log(performance.now() - t, e)
  const t2 = performance.now()
  await p.close()
  console.log('close', performance.now() - t2)
})
