import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { Cluster } from 'ioredis'
import { expect, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { ask } from './ask.ts'
import { anotherMaster, connect, ownCluster } from './owned.ts'

test('a queue and its worker finish every job while its slot moves and its master dies', async () => {
  const topology = await ownCluster()
  const prefix = '{q}'
  const producer = new Queue('work', { connection: connect(topology), prefix })
  const done = new Set<string>()
  const worker = new Worker('work', async ({ name }) => void done.add(name), {
    connection: connect(topology),
    prefix,
    concurrency: 4,
    lockDuration: 2000,
    stalledInterval: 1000,
    maxStalledCount: 100,
  })
  worker.on('error', () => {})
  producer.on('error', () => {})
  cleanUp(async () => {
    await Promise.race([worker.close(true), sleep(2000)])
    await producer.close()
  })
  const names = Array.from({ length: 300 }, (_, index) => `job-${index}`)
  const adding = (async () => {
    for (const name of names) {
      await producer.add(name, {})
      await sleep(10)
    }
  })()
  await topology.moveSlot(prefix, await anotherMaster(topology, prefix), { batch: 2, pauseMs: 20 })
  await topology.killOwner(prefix)
  await Promise.all([adding, topology.settled()])
  await eventually(() => expect(done.size).toBe(names.length), { timeoutMs: 15_000 })
})

test('a master that dies while a slot moves to it ends no process', async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', onUnhandled)
  cleanUp(() => process.off('unhandledRejection', onUnhandled))
  const topology = await ownCluster()
  const redis = connect(topology)
  if (!(redis instanceof Cluster)) throw new Error('a cluster gives a connection of its kind')
  // BullMQ blocks on one
  const blocking = redis.duplicate()
  cleanUp(() => blocking.disconnect())
  for (let count = 0; count < 100; count += 1) await redis.set(`{q}${count}`, 'x')
  const to = await anotherMaster(topology, '{q}')
  const moving = topology.moveSlot('{q}', to, { batch: 1, pauseMs: 20 }).catch(() => 'cut short')
  let asked = 0
  const isOver = new AbortController()
  cleanUp(() => isOver.abort())
  const working = [redis, blocking].map(async (client) => {
    while (!isOver.signal.aborted) {
      asked += 20
      await Promise.all(Array.from({ length: 20 }, async (_, index) => client.incr(`{q}new-${asked}-${index}`)))
    }
  })
  // the slot is on its way, and new keys are asked for where it goes
  await eventually(async () => expect(await ask(to.port, 'DBSIZE')).toBeGreaterThan(200))
  await to.kill()
  expect(await moving).toBe('cut short')
  await sleep(1000)
  expect(unhandled).toEqual([])
  // the slot is stuck until an operator mends it, and so are they
  void Promise.allSettled(working)
})
