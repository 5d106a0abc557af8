import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { ledgerKeys } from '../../src/ledger/keys.ts'
import { completionQueue } from '../../src/queue/completion.ts'
import { isReplicated } from '../../src/redis/replicated.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { ask } from './ask.ts'
import { ledgerOn, PREFIX } from './ledger-on.ts'
import { connect, ownSentinel, UNTIL_CONFIRMED } from './owned.ts'
import { STEADY } from './sentinel.ts'

test('a sentinel that is frozen holds up no connection', async () => {
  const topology = await ownSentinel({ downAfterMs: STEADY })
  const [first] = topology.sentinelProcesses
  first?.freeze()
  expect(await Promise.race([connect(topology).ping(), sleep(15_000, 'held up')])).toBe('PONG')
  first?.thaw()
})

test('a hasty connection fails in time while there is no master, and works with the next one', async () => {
  const topology = await ownSentinel()
  const redis = connect(topology, 'hasty')
  await redis.ping()
  const old = await topology.killMaster()
  const asked = performance.now()
  await expect(redis.ping()).rejects.toThrow(/closed|ECONNREFUSED|timed out|retries/)
  expect(performance.now() - asked).toBeLessThan(5000)
  await topology.failedOver(old)
  await eventually(async () => (await redis.ping()) === 'PONG', UNTIL_CONFIRMED)
})

test('the outbox is read on the new master by a reader that waited at the old one', async () => {
  const topology = await ownSentinel()
  const redis = connect(topology)
  // after the failover there is no replica to ask
  const { ledger } = ledgerOn(redis, 0)
  const outbox = ledger.outboxOf('publisher', connect(topology))
  await outbox.open()
  await eventually(async () => expect(await ask(await topology.masterPort(), 'WAIT', 1, 1000)).toBe(1), UNTIL_CONFIRMED)
  const read = async () => {
    while (true) {
      const taken = await outbox.next(10, 1000)
      if (taken.length > 0) return taken
    }
  }
  const reading = read()
  await sleep(100)
  await topology.failedOver(await topology.freezeMaster())
  await redis.xadd(ledgerKeys(PREFIX).outbox, '*', 'event', '{}')
  expect(await reading).toEqual([{ entry: expect.any(String), event: '{}' }])
})

test('an event leaves the outbox only when a replica has it, and is handed out then', async () => {
  const topology = await ownSentinel({ downAfterMs: STEADY })
  const redis = connect(topology)
  const { outbox: stream } = ledgerKeys(PREFIX)
  const outbox = ledgerOn(redis).ledger.outboxOf('publisher', connect(topology))
  await outbox.open()
  await topology.lagReplicas()
  await redis.xadd(stream, '*', 'event', '{}')
  expect(await outbox.next(10, 100)).toEqual([])
  expect(await outbox.abandoned(10, 0)).toEqual([])
  await topology.catchUp()
  const published = await eventually(async () => {
    const taken = await outbox.abandoned(10, 0)
    return taken.length > 0 && taken
  }, UNTIL_CONFIRMED)
  expect(published).toEqual([{ entry: expect.any(String), event: '{}' }])
  await outbox.done(published)
  expect(await redis.xlen(stream)).toBe(0)
})

test('an entry that the master does not have counts as confirmed by nobody', async () => {
  const redis = connect(await ownSentinel({ downAfterMs: STEADY }))
  const { outbox, outboxConfirmed } = ledgerKeys(PREFIX)
  const script = readFileSync(new URL('../../src/ledger/touch-entry.lua', import.meta.url), 'utf8')
  const isThere = async (entry: string) =>
    isReplicated(redis, 1, { script, keys: [outbox, outboxConfirmed], args: [entry] })
  const written = await redis.xadd(outbox, '*', 'event', '{}')
  await eventually(async () => isThere(written ?? ''), UNTIL_CONFIRMED)
  expect(await isThere('1-1')).toBe(false)
})

test('a subscriber has an event only when a replica has it', async () => {
  const topology = await ownSentinel({ downAfterMs: STEADY })
  const redis = connect(topology)
  const subscriber = completionQueue('refund-completed', redis, { prefix: 'bull', waitReplicas: 1, onError: () => {} })
  cleanUp(async () => subscriber.close())
  const event = JSON.stringify({ id: '201103171000000000/R1/1', type: 'refund.succeeded' })
  await topology.lagReplicas()
  await expect(subscriber.publish([event])).rejects.toThrow('replicas lack an event')
  await topology.catchUp()
  await eventually(async () => subscriber.publish([event]).then(() => true), UNTIL_CONFIRMED)
})

test('a sentinel that dies is told as a connection fault, and leaves nothing on stderr', async () => {
  const written = vi.spyOn(console, 'error').mockImplementation(() => {})
  cleanUp(() => written.mockRestore())
  const topology = await ownSentinel({ downAfterMs: STEADY })
  const told: Error[] = []
  const redis = connect(topology, 'patient', (error) => told.push(error))
  await redis.ping()
  await topology.sentinelProcesses[0]?.kill()
  await eventually(() => expect(told.length).toBeGreaterThan(0))
  expect(await redis.ping()).toBe('PONG')
  expect(written.mock.calls).toEqual([])
})
