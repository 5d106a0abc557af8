import { type Job, Queue, Worker } from 'bullmq'
import { createProducer, type Producer } from '../../src/package/producer.ts'
import { type TestLedger, testLedger } from '../ledger/fixture.ts'
import { PARTNER } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { openRedis, testNamespace } from '../support/redis.ts'

export interface Bench {
  readonly at: TestLedger
  readonly producer: Producer
  readonly queue: Queue
  /** A worker takes the next job, and has it until the test ends. */
  take(): Promise<Job>
}

/** A producer beside a ledger of the test's own. */
export function bench(): Bench {
  const { queuePrefix: prefix, redisUrl } = testNamespace()
  const at = testLedger()
  const producer = createProducer({ redis: redisUrl, prefix, ledgerPrefix: at.prefix, oid_partner: PARTNER })
  cleanUp(async () => await producer.close())
  const queue = new Queue('refund', { connection: openRedis(), prefix })
  cleanUp(async () => await queue.close())
  const worker = new Worker('refund', null, { connection: openRedis(), prefix, autorun: false })
  cleanUp(async () => await worker.close())
  return {
    at,
    producer,
    queue,
    async take() {
      const job = await worker.getNextJob('token')
      if (!job) throw new Error('no job waits')
      return job
    },
  }
}
