import { expect, test } from 'vitest'
import { createConsumer } from '../../src/package/consumer.ts'
import { createProducer } from '../../src/package/producer.ts'
import { completionQueue } from '../../src/queue/completion.ts'
import { connectRedis } from '../../src/redis/connection.ts'
import { eventOf } from '../consumer/bench.ts'
import { DATA, PARTNER } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { clusterAddress } from '../topology/addresses.ts'
import { ownCluster } from '../topology/owned.ts'

test('in a Redis Cluster a refund is pushed, found and withdrawn, and an event is handled once', async () => {
  const address = clusterAddress(await ownCluster())
  const prefix = '{refunds}'
  const producer = createProducer({ redis: address, prefix, oid_partner: PARTNER })
  cleanUp(async () => await producer.close())
  await producer.enqueueRefund(DATA)
  expect(await producer.getRefund(DATA.no_refund)).toMatchObject({ state: 'queued' })
  expect(await producer.cancelRefund(DATA.no_refund, { reason: 'test' })).toEqual({ outcome: 'withdrawn' })

  const connection = connectRedis(address, 'patient', () => {})
  cleanUp(() => connection.disconnect())
  const subscriber = completionQueue('refund-completed', connection, { prefix, waitReplicas: 0, onError() {} })
  cleanUp(async () => await subscriber.close())
  const handled: string[] = []
  const consumer = createConsumer({ redis: address, prefix, handle: ({ id }) => handled.push(id) })
  cleanUp(async () => await consumer.close(0))
  const event = eventOf('clustered')
  for (let times = 0; times < 2; times++) await subscriber.publish([JSON.stringify(event)])
  await eventually(() => expect(handled).toEqual([event.id]))
}, 60_000)
