import { type Job, type JobsOptions, Queue } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { wakeId } from '../../src/queue/names.ts'
import { jobDataOf, wakes } from '../../src/queue/wakes.ts'
import { queryWorker, submitWorker, type WorkerSettings } from '../../src/queue/workers.ts'
import { type World, type WorldSettings, world } from '../flows/world.ts'
import { silent, tamper } from '../ledger/fixture.ts'
import { DATA, defaults, NUMBER, PARTNER, submits } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, testNamespace } from '../support/redis.ts'
import { fail } from './fail.ts'

const QUICK = { retry: { baseMs: 50, factor: 1, capMs: 50, jitter: 0 } } as const
const SLOW = { retry: { baseMs: 60_000, factor: 1, capMs: 60_000, jitter: 0 } } as const

interface Fleet extends World {
  readonly refunds: Queue
  readonly queries: Queue
  readonly prefix: string
  add(data?: object, opts?: JobsOptions): Promise<Job>
  becomes(job: Job, state: string): Promise<void>
}

/** A submit worker and a query worker in front of a real ledger. */
function fleet(settings: WorldSettings = {}, workers: Partial<WorkerSettings> = {}): Fleet {
  const at = world(settings)
  const { queuePrefix: prefix } = testNamespace()
  const connection = openRedis()
  const options: WorkerSettings = {
    connection,
    prefix,
    concurrency: 10,
    lockDurationMs: 10_000,
    stalledIntervalMs: 5_000,
    log: silent,
    ...workers,
  }
  for (const worker of [submitWorker(at.engine, defaults().merchants, options), queryWorker(at.engine, options)]) {
    cleanUp(async () => await worker.close())
  }
  const open = (name: string): Queue => {
    const queue = new Queue(name, { connection, prefix })
    cleanUp(async () => await queue.close())
    return queue
  }
  const refunds = open('refund')
  return {
    ...at,
    refunds,
    queries: open('refund-query'),
    prefix,
    add: async (data = {}, opts = {}) => await refunds.add('refund', { ...DATA, ...data }, opts),
    becomes: async (job, state) => {
      await eventually(async () => expect(await job.getState()).toBe(state))
    },
  }
}

const fresh = async (queue: Queue, { id = '' }: Job): Promise<Job> => {
  const job = await queue.getJob(id)
  if (!job) throw new Error(`the job ${id} is gone`)
  return job
}

describe('a job that was added without any options', () => {
  test('completes when the gateway has the refund, and is kept', async () => {
    const at = fleet()
    const job = await at.add()
    await at.becomes(job, 'completed')
    expect((await fresh(at.refunds, job)).returnvalue).toBe('processing')
    expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
  })

  test.for([
    ['the gateway is busy', submits.busy],
    ['the answer is lost', submits.timeout],
    ['the gateway cannot be reached', submits.neverLeft],
  ] as const)('waits in the delayed set when %s, and spends no attempt', async ([, outcome]) => {
    const at = fleet({ policy: SLOW })
    at.gateway.submitScript.push(() => outcome)
    const job = await at.add()
    await at.becomes(job, 'delayed')
    expect((await fresh(at.refunds, job)).delay).toBeGreaterThan(50_000)
    expect((await fresh(at.refunds, job)).attemptsMade).toBe(0)
  })

  test('is tried until it goes through, and never fails for a reason of the gateway', async () => {
    const at = fleet({ policy: QUICK })
    at.gateway.submitScript.push(
      () => submits.neverLeft,
      () => submits.timeout,
      () => submits.busy,
      () => submits.neverLeft,
    )
    const job = await at.add()
    await at.becomes(job, 'completed')
    expect(at.gateway.submitCalls).toBe(5)
    expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
    expect(await at.refunds.getFailedCount()).toBe(0)
  })

  test('moves money once, though twenty of the same refund were added, with and without ids', async () => {
    const at = fleet({ policy: { queryDelaysMs: [60_000] } })
    const jobs = await Promise.all(
      Array.from({ length: 20 }, (_, index) => at.add({}, index % 2 === 0 ? {} : { jobId: `mine-${index}` })),
    )
    for (const job of jobs) await at.becomes(job, 'completed')
    expect(at.gateway.submitCalls).toBe(1)
    expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
  })

  test('may have any name', async () => {
    const at = fleet()
    await at.becomes(await at.refunds.add('whatever', DATA), 'completed')
    expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
  })

  test('completes when its refund is refused for good, and when it is held', async () => {
    const at = fleet({ policy: { maxRefundFen: 100_000 } })
    at.gateway.submitScript.push(() => submits.refused)
    const refused = await at.add()
    await at.becomes(refused, 'completed')
    const held = await at.add({ no_refund: 'large', money_refund: '1000.01' })
    await at.becomes(held, 'completed')
    expect(at.gateway.submitCalls).toBe(1)
  })
})

describe('a job with faulty data', () => {
  test('fails at once, with every fault', async () => {
    const at = fleet()
    const job = await at.add(
      { money_refund: 200.01, no_order: 'a&b', money_order: '1.00' },
      { attempts: 5, backoff: 1 },
    )
    await at.becomes(job, 'failed')
    const { failedReason, attemptsMade } = await fresh(at.refunds, job)
    for (const fault of ['money_refund', 'no_order', 'money_order']) expect(failedReason).toContain(fault)
    expect(attemptsMade).toBe(1)
    await eventually(async () => expect(await at.at.ledger.counted()).toMatchObject({ 'failed:refund': 1 }))
  })

  test('fails with the conflict when its number stands for another refund', async () => {
    const at = fleet()
    await at.becomes(await at.add(), 'completed')
    const other = await at.add({ money_refund: '1.00' })
    await at.becomes(other, 'failed')
    expect((await fresh(at.refunds, other)).failedReason).toContain('no_refund_conflict')
    expect(at.gateway.submitCalls).toBe(1)
  })

  test.for([null, 'text', 7, [], { oid_partner: PARTNER }])('that is %j fails', async (data) => {
    const at = fleet()
    const job = await at.refunds.add('refund', data)
    await at.becomes(job, 'failed')
    expect((await fresh(at.refunds, job)).failedReason).not.toBe('')
  })
})

describe('what a producer asks of BullMQ', () => {
  test('does not limit the attempts: one that is spent is none of ours', async () => {
    const at = fleet({ policy: QUICK })
    for (let send = 0; send < 3; send++) at.gateway.submitScript.push(() => submits.neverLeft)
    const job = await at.add({}, { attempts: 1, backoff: { type: 'fixed', delay: 600_000 } })
    await at.becomes(job, 'completed')
    expect(at.gateway.submitCalls).toBe(4)
  })

  test('does not take failed and completed jobs away from those who look for them', async () => {
    const at = fleet()
    const bad = await at.add({ money_refund: '.5' }, { removeOnFail: true })
    const good = await at.add({ no_refund: 'second' }, { removeOnComplete: true })
    await at.becomes(bad, 'failed')
    await at.becomes(good, 'completed')
    expect(await at.refunds.getJobCounts()).toMatchObject({ completed: 1, failed: 1 })
  })
})

describe('a fault of our own', () => {
  test('puts the job off, and never fails it', async () => {
    const at = fleet({
      wrap: (ledger) => ({ ...ledger, read: () => Promise.reject(new Error('Connection is closed.')) }),
    })
    const job = await at.add({}, { attempts: 1 })
    await at.becomes(job, 'delayed')
    expect((await fresh(at.refunds, job)).attemptsMade).toBe(0)
    expect(at.gateway.submitCalls).toBe(0)
  })

  test('that comes after the send puts the job off, and nothing is sent again', async () => {
    let commits = 0
    const at = fleet({
      policy: SLOW,
      wrap: (ledger) => ({
        ...ledger,
        commit: async (...change) => {
          commits += 1
          if (commits === 2) throw new Error('READONLY')
          return await ledger.commit(...change)
        },
      }),
    })
    const job = await at.add()
    await at.becomes(job, 'delayed')
    await job.promote()
    await at.becomes(job, 'completed')
    expect(at.gateway.submitCalls).toBe(1)
    expect(await at.record()).toMatchObject({ state: 'sending' })
  })

  test('does not fail a job whose lock was lost: it is seen again', async () => {
    const settings = { policy: SLOW }
    const at = fleet(settings, { lockDurationMs: 2_000, stalledIntervalMs: 300 })
    at.gateway.submitScript.push(async () => {
      const [lock] = await at.at.redis.keys(`${at.prefix}:refund:*:lock`)
      await at.at.redis.del(lock ?? '')
      return submits.timeout
    })
    const job = await at.add()
    await at.becomes(job, 'delayed')
    expect(at.gateway.submitCalls).toBe(1)
    expect(await at.refunds.getFailedCount()).toBe(0)
  })
})

describe('a query job', () => {
  test('looks at its refund and leaves', async () => {
    const at = fleet()
    await at.becomes(await at.add(), 'completed')
    at.gateway.status = '2'
    await at.dueTime()
    const job = await at.queries.add('query', { oid_partner: PARTNER, no_refund: NUMBER })
    await at.becomes(job, 'completed')
    expect((await fresh(at.queries, job)).returnvalue).toBe('succeeded')
    expect(await at.at.events()).toHaveLength(1)
  })

  test('of a number without a refund is done, and one without a number fails', async () => {
    const at = fleet()
    const none = await at.queries.add('query', { oid_partner: PARTNER, no_refund: 'never-seen' })
    await at.becomes(none, 'completed')
    expect((await fresh(at.queries, none)).returnvalue).toBe('none')
    await at.becomes(await at.queries.add('query', { no_refund: 7 }), 'failed')
  })
})

test('a refund that lost its job goes on by its wake-up, and is paid once', async () => {
  const at = fleet({ policy: SLOW })
  at.gateway.submitScript.push(at.gateway.silently)
  const job = await at.add({ metadata: { till: '7' }, order_amount: '500.00' })
  await at.becomes(job, 'delayed')
  await job.remove()
  await tamper(at.at, NUMBER, (stored) => stored.replace(/"next_look":\d+/, `"next_look":${Date.now()}`))
  at.gateway.status = '2'
  const hand = wakes(openRedis(), at.prefix, fail)
  cleanUp(async () => await hand.close())
  await hand.wake('refund', [await at.record()])
  await eventually(async () => expect((await at.record()).state).toBe('succeeded'))
  expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
  // gone with its work, so that the same version can be woken again
  await eventually(async () =>
    expect(await at.refunds.getJobCounts()).toMatchObject({ completed: 0, failed: 0, delayed: 0 }),
  )
})

test('a refund of a merchant that is configured no more is still asked about, and held when nothing is heard', async () => {
  const at = fleet({ policy: { queryGiveUpMs: 1, retry: { baseMs: 1, factor: 1, capMs: 1, jitter: 0 } } })
  at.gateway.submitScript.push(() => submits.timeout)
  await at.submit()
  const forgetful = submitWorker({ ...at.engine, gatewayOf: () => undefined }, new Map(), {
    connection: openRedis(),
    prefix: `${at.prefix.slice(0, -1)}-other}`,
    concurrency: 1,
    lockDurationMs: 10_000,
    stalledIntervalMs: 5_000,
    log: silent,
  })
  cleanUp(async () => forgetful.close())
  const queue = new Queue('refund', { connection: openRedis(), prefix: `${at.prefix.slice(0, -1)}-other}` })
  cleanUp(async () => queue.close())
  await at.dueTime()
  const record = await at.record()
  await queue.add('refund', jobDataOf(record), { jobId: wakeId(record) })
  await eventually(async () => expect((await at.record()).holds).toEqual(['silence']))
})
