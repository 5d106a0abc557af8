import { type Job, Queue, Worker } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { createProducer, type Producer, type ProducerOptions, ProducerOptionsError } from '../../src/queue/producer.ts'
import { QueueUnavailableError } from '../../src/queue/reach.ts'
import { RefundDataError } from '../../src/refund/errors.ts'
import type { RefundJobData } from '../../src/refund/job-data.ts'
import { DATA, PARTNER } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { freePort } from '../support/free-port.ts'
import { ownRedis } from '../support/own-redis.ts'
import { openRedis, testNamespace } from '../support/redis.ts'

interface Bench {
  readonly producer: Producer
  readonly queue: Queue
  ids(): Promise<(string | undefined)[]>
  /** Takes the only job as a worker does. */
  finish(how: 'completed' | 'failed'): Promise<void>
}

function bench(options: Partial<ProducerOptions> = {}): Bench {
  const { queuePrefix: prefix, redisUrl } = testNamespace()
  const producer = createProducer({ redis: redisUrl, prefix, oid_partner: PARTNER, ...options })
  cleanUp(async () => await producer.close())
  const queue = new Queue('refund', { connection: openRedis(), prefix })
  cleanUp(async () => await queue.close())
  return {
    producer,
    queue,
    ids: async () => (await queue.getWaiting()).map(({ id }) => id),
    finish: async (how) => await finish(queue, how),
  }
}

async function finish(queue: Queue, how: 'completed' | 'failed'): Promise<void> {
  const worker = new Worker(queue.name, null, {
    connection: openRedis(),
    prefix: queue.opts.prefix ?? 'bull',
    autorun: false,
  })
  cleanUp(async () => await worker.close())
  const job: Job | undefined = await worker.getNextJob('token')
  if (!job) throw new Error('no job waits')
  await (how === 'completed'
    ? job.moveToCompleted('', 'token', false)
    : job.moveToFailed(new Error('bad'), 'token', false))
}

async function faultsOf(work: Promise<unknown>): Promise<readonly string[]> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof RefundDataError)) throw new Error(`not refused for its data: ${String(error)}`)
  expect(error.code).toBe('refund_data')
  return error.faults
}

const [first, second] = [DATA, { ...DATA, no_refund: 'second' }]

describe('a refund that is enqueued', () => {
  test('becomes a job that says all that a worker needs', async () => {
    const { producer, queue } = bench()
    const job = `refund-${PARTNER}-${DATA.no_refund}`
    expect(await producer.enqueueRefund(first)).toEqual({ no_refund: DATA.no_refund, job })
    expect(await queue.getJob(job)).toMatchObject({ name: 'refund', data: { ...DATA, oid_partner: PARTNER } })
  })

  test('names its own merchant before the default one', async () => {
    const { producer, ids } = bench()
    await producer.enqueueRefund({ ...first, oid_partner: '201103171000000001' })
    expect(await ids()).toEqual([`refund-201103171000000001-${DATA.no_refund}`])
  })

  test('may leave the merchant to the worker', async () => {
    const { queuePrefix: prefix, redisUrl } = testNamespace()
    const producer = createProducer({ redis: redisUrl, prefix })
    cleanUp(async () => await producer.close())
    const { job } = await producer.enqueueRefund(first)
    const queue = new Queue('refund', { connection: openRedis(), prefix })
    cleanUp(async () => await queue.close())
    expect((await queue.getJob(job))?.data).toEqual(first)
  })

  test('twice, and twice at once, is one job', async () => {
    const { producer, ids } = bench()
    await producer.enqueueRefund(first)
    await Promise.all([producer.enqueueRefund(first), producer.enqueueRefund({ ...first, no_order: DATA.no_order })])
    expect(await ids()).toHaveLength(1)
  })

  test('may be a number in digits only, which BullMQ would refuse for an id', async () => {
    const { producer, ids } = bench()
    await producer.enqueueRefund({ ...first, no_refund: '7' })
    expect(await ids()).toEqual([`refund-${PARTNER}-7`])
  })

  test.for(['completed', 'failed'] as const)('again after its job is %s is a job again', async (how) => {
    const { producer, ids, finish: end } = bench()
    await producer.enqueueRefund(first)
    await end(how)
    expect(await ids()).toEqual([])
    await producer.enqueueRefund(first)
    expect(await ids()).toHaveLength(1)
  })

  test('with other content after its job has failed is a job again', async () => {
    const { producer, queue, finish: end } = bench()
    const { job } = await producer.enqueueRefund(first)
    await end('failed')
    await producer.enqueueRefund({ ...first, money_refund: '1.00' })
    expect((await queue.getJob(job))?.data.money_refund).toBe('1.00')
  })

  test('with other content than the one that waits is refused', async () => {
    const { producer, queue } = bench()
    const { job } = await producer.enqueueRefund(first)
    const faults = await faultsOf(producer.enqueueRefund({ ...first, money_refund: '1.00' }))
    expect(faults).toEqual([expect.stringContaining('no_refund_conflict')])
    expect((await queue.getJob(job))?.data.money_refund).toBe(DATA.money_refund)
  })

  test('with two contents at the same moment is promised to the callers of the one that stands', async () => {
    const { producer, queue } = bench()
    const amounts = Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? '1.00' : '2.00'))
    const outcomes = await Promise.allSettled(
      amounts.map(async (money_refund) => producer.enqueueRefund({ ...first, money_refund })),
    )
    const [job] = await queue.getWaiting()
    const promised = amounts.filter((_, at) => outcomes[at]?.status === 'fulfilled')
    expect(new Set(promised)).toEqual(new Set([job?.data.money_refund]))
    expect(promised).toHaveLength(25)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'refund_data' })
    }
  })

  test('with two contents at the same moment, after its job has failed, stands for whom it was promised to', async () => {
    const { producer, queue, finish: end } = bench()
    for (let round = 0; round < 20; round++) {
      const refund = { ...DATA, no_refund: `failed-${round}` }
      await producer.enqueueRefund(refund)
      await end('failed')
      const amounts = ['1.00', '2.00', '3.00', '4.00']
      const outcomes = await Promise.allSettled(
        amounts.map(async (money_refund) => producer.enqueueRefund({ ...refund, money_refund })),
      )
      const [job] = await queue.getWaiting()
      expect(amounts.filter((_, at) => outcomes[at]?.status === 'fulfilled')).toEqual([job?.data.money_refund])
      await job?.remove()
    }
  })

  test('without a value for its merchant is one of the default merchant', async () => {
    const { producer, ids } = bench()
    const untyped: unknown = { ...DATA, oid_partner: undefined }
    await producer.enqueueRefund(untyped as RefundJobData)
    expect(await ids()).toEqual([`refund-${PARTNER}-${DATA.no_refund}`])
  })

  test('with another dt_refund than the one that waits is refused', async () => {
    const { producer } = bench()
    await producer.enqueueRefund({ ...first, dt_refund: '20261121200000' })
    const faults = await faultsOf(producer.enqueueRefund({ ...first, dt_refund: '20261121200001' }))
    expect(faults).toEqual([expect.stringContaining('no_refund_conflict')])
  })
})

describe('many refunds', () => {
  test('are all added', async () => {
    const { producer, queue } = bench()
    const refunds = Array.from({ length: 300 }, (_, index) => ({ ...DATA, no_refund: `refund-${index}` }))
    expect(await producer.enqueueRefunds(refunds)).toHaveLength(300)
    expect(await queue.getWaitingCount()).toBe(300)
  })

  test('that are more than Redis does in a few seconds are all added', async () => {
    const { producer, queue } = bench()
    const refunds = Array.from({ length: 30_000 }, (_, index) => ({ ...DATA, no_refund: `refund-${index}` }))
    expect(await producer.enqueueRefunds(refunds)).toHaveLength(30_000)
    expect(await queue.getWaitingCount()).toBe(30_000)
    await queue.obliterate({ force: true })
  }, 120_000)

  test('that use one number for two refunds are refused however far apart they stand', async () => {
    const { producer, ids } = bench()
    const refunds = Array.from({ length: 1_500 }, (_, index) => ({ ...DATA, no_refund: `refund-${index}` }))
    const faults = await faultsOf(
      producer.enqueueRefunds([...refunds, { ...DATA, no_refund: 'refund-0', money_refund: '1.00' }]),
    )
    expect(faults).toEqual([expect.stringContaining('refund-0')])
    expect(await ids()).toEqual([])
  })

  test('are none', async () => {
    const { producer, ids } = bench()
    expect(await producer.enqueueRefunds([])).toEqual([])
    expect(await ids()).toEqual([])
  })

  test('are checked before the first is added, and every fault of every one is named', async () => {
    const { producer, ids } = bench()
    const faults = await faultsOf(
      producer.enqueueRefunds([
        first,
        { ...second, money_refund: '1.', no_order: 'a b' },
        { ...first, no_refund: 'third', oid_partner: '7' },
      ]),
    )
    expect(faults).toEqual([
      expect.stringMatching(/^refund 2: money_refund: /),
      expect.stringMatching(/^refund 2: no_order: /),
      expect.stringMatching(/^refund 3: oid_partner: /),
    ])
    expect(await ids()).toEqual([])
  })

  test('that use one number for two refunds are refused, before the first is added', async () => {
    const { producer, ids } = bench()
    const faults = await faultsOf(producer.enqueueRefunds([second, first, { ...first, money_refund: '1.00' }]))
    expect(faults).toEqual([expect.stringContaining(DATA.no_refund)])
    expect(await ids()).toEqual([])
  })

  test('of which one waits with other content are refused, all of them', async () => {
    const { producer, ids } = bench()
    await producer.enqueueRefund(first)
    await faultsOf(producer.enqueueRefunds([second, { ...first, money_refund: '1.00' }]))
    expect(await ids()).toHaveLength(1)
  })
})

describe('a producer whose Redis is away', () => {
  test('says so at once', async () => {
    const producer = createProducer({ redis: `redis://127.0.0.1:${await freePort()}`, oid_partner: PARTNER })
    cleanUp(async () => await producer.close())
    const started = performance.now()
    await expect(producer.enqueueRefund(first)).rejects.toThrow(QueueUnavailableError)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('says so each time, and works again when Redis is back', async () => {
    const redis = await ownRedis()
    const producer = createProducer({ redis: redis.url, oid_partner: PARTNER })
    cleanUp(async () => await producer.close())
    await producer.enqueueRefund(first)
    await redis.kill()
    for (let call = 0; call < 3; call++) {
      await expect(producer.enqueueRefund(second)).rejects.toMatchObject({ code: 'queue_unavailable' })
    }
    await redis.restart()
    await expect
      .poll(
        async () =>
          await producer.enqueueRefund(second).then(
            ({ no_refund }) => no_refund,
            () => 'away',
          ),
        { timeout: 10_000 },
      )
      .toBe('second')
  })

  test('says so in a few seconds when Redis is frozen', async () => {
    const redis = await ownRedis()
    const producer = createProducer({ redis: redis.url, oid_partner: PARTNER })
    cleanUp(async () => await producer.close())
    await producer.enqueueRefund(first)
    redis.freeze()
    const started = performance.now()
    await expect(producer.enqueueRefund(second)).rejects.toThrow(QueueUnavailableError)
    expect(performance.now() - started).toBeLessThan(9000)
    redis.thaw()
  })

  test('says so in a few seconds when no node of a cluster can be reached', async () => {
    const nodes = [{ host: '127.0.0.1', port: await freePort() }]
    const producer = createProducer({ redis: { mode: 'cluster', nodes }, prefix: '{refunds}', oid_partner: PARTNER })
    cleanUp(async () => await producer.close())
    await expect(producer.enqueueRefund(first)).rejects.toThrow(QueueUnavailableError)
  })

  test('refuses faulty data all the same', async () => {
    const producer = createProducer({ redis: `redis://127.0.0.1:${await freePort()}`, oid_partner: PARTNER })
    cleanUp(async () => await producer.close())
    expect(await faultsOf(producer.enqueueRefund({ ...first, money_refund: '.5' }))).toHaveLength(1)
  })
})

test.for([undefined, null, '', 'nonsense', 'http://127.0.0.1', {}, { mode: 'cluster', nodes: [] }])(
  'a producer cannot be made with %o for its Redis',
  (redis) => {
    const options: object = { redis }
    expect(() => createProducer(options as ProducerOptions)).toThrow(ProducerOptionsError)
  },
)
