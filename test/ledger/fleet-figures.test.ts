import { expect, test } from 'vitest'
import { FEN, NUMBER, notice, submit, submits } from '../refund/builders.ts'
import { eventually } from '../support/eventually.ts'
import { ownRedis } from '../support/own-redis.ts'
import { openRedis } from '../support/redis.ts'
import { accepted, claimed, idOf, seenJob, testLedger } from './fixture.ts'

const id = idOf(NUMBER)

test('counters rise with the commit that they are about, and not with one that was not written', async () => {
  const at = testLedger()
  await claimed(at)
  const old = await at.record(id)
  const answered = await at.see(id, submit(submits.timeout), { counts: () => ({ 'submit:unclear': 1 }) })
  if (answered.decision.kind !== 'commit') throw new Error('not committed')
  await at.ledger.commit(old, answered.decision, { counts: { 'submit:unclear': 1 } })
  expect(await at.ledger.counted()).toEqual({ 'submit:unclear': 1 })
  expect(await at.ledger.countedLastHour(Date.now())).toEqual({ 'submit:unclear': 1 })
})

test('what changes no refund is counted as well', async () => {
  const at = testLedger()
  await at.ledger.count({ 'notice:bad_signature': 1 })
  await at.ledger.count({ 'notice:bad_signature': 1 })
  await claimed(at)
  await at.see(id, seenJob(), { counts: () => ({ 'job:repeated': 1 }) })
  expect(await at.ledger.counted()).toEqual({ 'notice:bad_signature': 2, 'job:repeated': 1 })
})

test('the counts of five minutes go by themselves', async () => {
  const at = testLedger()
  await at.see(id, seenJob(), { counts: () => ({ 'job:seen': 1 }) })
  const [recent = '', ...others] = await at.redis.keys(`${at.prefix}:recent:*`)
  expect(others).toEqual([])
  expect(await at.redis.ttl(recent)).toBeGreaterThan(3_600)
})

test('figures are kept of refunds by state, and of their money', async () => {
  const at = testLedger()
  await claimed(at)
  await accepted(at, { no_refund: 'second', money_refund: '1.00' })
  const { request } = await at.record(id)
  await at.see(id, submit(submits.accepted('1')))
  await at.see(id, notice('2', { dt_refund: request?.dt_refund }))
  const sums = Object.entries(await at.ledger.sums())
  expect(Object.fromEntries(sums.filter(([, { count, fen }]) => count > 0 || fen !== 0))).toEqual({
    'state:succeeded': { count: 1, fen: FEN },
    'state:waiting': { count: 1, fen: 100 },
    open: { count: 1, fen: 100 },
  })
})

test('processes are known by their last word, until they leave or were silent for long', async () => {
  const at = testLedger()
  await at.ledger.beat('host:1:submit+query')
  await at.ledger.beat('host:2:publish')
  const [first, second] = await at.ledger.alive()
  expect(first).toEqual({ host: 'host', pid: 1, roles: ['submit', 'query'], seen: expect.closeTo(Date.now(), -5) })
  expect(second).toMatchObject({ pid: 2, roles: ['publish'] })
  await at.redis.zincrby(at.keys.alive, -60_000, 'host:1:submit+query')
  await at.redis.zadd(at.keys.alive, Date.now() - 90_000_000, 'host:3:admin')
  expect((await at.ledger.alive()).map(({ pid }) => pid)).toEqual([2])
  expect((await at.ledger.alive(120_000)).map(({ pid }) => pid)).toEqual([1, 2])
  await at.ledger.gone('host:2:publish')
  expect(await at.ledger.alive()).toEqual([])
  expect(await at.redis.zcard(at.keys.alive)).toBe(2)
  await at.ledger.beat('host:1:submit+query')
  expect(await at.redis.zcard(at.keys.alive)).toBe(1)
})

test('a claim is not confirmed while fewer replicas have it than were asked for', async () => {
  const at = testLedger({ waitReplicas: 1 })
  await claimed(at)
  expect(await at.ledger.confirmed(id, 'token-1')).toBe(false)
})

test('a claim is confirmed at once where no replica was asked for', async () => {
  const at = testLedger()
  await claimed(at)
  expect(await at.ledger.confirmed(id, 'token-1')).toBe(true)
})

test('a claim is confirmed when the replica that was asked for has it', async () => {
  const main = await ownRedis({ 'repl-diskless-sync-delay': '0' })
  const replica = await ownRedis()
  await openRedis(replica.url).replicaof('127.0.0.1', main.port)
  const at = testLedger({ waitReplicas: 1, through: () => openRedis(main.url) })
  await claimed(at)
  await eventually(async () => {
    return await at.ledger.confirmed(id, 'token-1')
  })
  const asksTwo = testLedger({ waitReplicas: 2, through: () => openRedis(main.url), beside: at })
  expect(await asksTwo.ledger.confirmed(id, 'token-1')).toBe(false)
})

test('a claim that a failover lost is not confirmed, though the new master has the replica that was asked for', async () => {
  const promoted = await ownRedis({ 'repl-diskless-sync-delay': '0' })
  const replica = await ownRedis()
  const port = Number(new URL(promoted.url).port)
  await openRedis(replica.url).replicaof('127.0.0.1', port)
  const at = testLedger({ waitReplicas: 1, through: () => openRedis(promoted.url) })
  await eventually(async () => expect(await openRedis(promoted.url).wait(1, 100)).toBe(1))
  // the claim was written to the old master alone: the new one answers WAIT with its replica, and knows no claim
  expect(await at.ledger.confirmed(id, 'token-1')).toBe(false)
  await claimed(at)
  await eventually(async () => await at.ledger.confirmed(id, 'token-1'))
  expect(await at.ledger.confirmed(id, 'another token')).toBe(false)
})
