import { type Job, type JobsOptions, Queue, Worker } from 'bullmq'
import { expect, test } from 'vitest'
import type { JobResult } from '../../src/flows/submit.ts'
import { processor } from '../../src/queue/processor.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, testNamespace } from '../support/redis.ts'

async function add(
  handle: (job: Job) => Promise<JobResult>,
  opts: JobsOptions = {},
): Promise<{ job: Job; logged: object[] }> {
  const { queuePrefix: prefix } = testNamespace()
  const connection = openRedis()
  const queue = new Queue('refund', { connection, prefix })
  cleanUp(async () => await queue.close())
  const logged: object[] = []
  const worker = new Worker('refund', processor(handle, { error: (fields) => logged.push(fields) }), {
    connection,
    prefix,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    lockDuration: 1_000,
    stalledInterval: 300,
    maxStalledCount: 10,
  })
  cleanUp(async () => await worker.close())
  return { job: await queue.add('refund', {}, opts), logged }
}

test.for<[string, unknown]>([
  ['an error', new Error('a bug')],
  ['an error that BullMQ would take for final', Object.assign(new Error('final'), { name: 'UnrecoverableError' })],
  ['nothing', undefined],
  ['text', 'text'],
])('a handler that throws %s leaves its job in the delayed set', async ([, thrown]) => {
  const { job, logged } = await add(
    async () => {
      throw thrown
    },
    { attempts: 1 },
  )
  await eventually(async () => expect(await job.getState()).toBe('delayed'))
  expect(logged).toMatchObject([{ queue: 'refund', job: job.id }])
})

test('finished jobs are kept as the worker says, whatever their producer asked for', async () => {
  const done = await add(async () => ({ kind: 'done', state: 'succeeded' }), { removeOnComplete: false })
  await eventually(async () => expect(await done.job.getState()).toBe('unknown'))
  const failed = await add(async () => ({ kind: 'failed', faults: ['a'] }), { removeOnFail: false, attempts: 3 })
  await eventually(async () => expect(await failed.job.getState()).toBe('unknown'))
})

test('a job that could not be put off is seen again, and never failed', async () => {
  const states: string[] = []
  const { job, logged } = await add(
    async (running) => {
      states.push(await running.getState())
      if (states.length === 1) running.moveToDelayed = () => Promise.reject(new Error('READONLY'))
      return { kind: 'later', delayMs: 60_000 }
    },
    { attempts: 1 },
  )
  await eventually(async () => expect(await job.getState()).toBe('delayed'))
  expect(states).toEqual(['active', 'active'])
  expect(logged).toHaveLength(1)
})

test('a job whose completion write was refused is seen again, and never failed', async () => {
  const { job } = await add(
    async (running) => {
      running.moveToCompleted = () => Promise.reject(new Error('NOREPLICAS'))
      return { kind: 'done', state: 'succeeded' }
    },
    { attempts: 1 },
  )
  await eventually(async () => expect(await job.getState()).toBe('delayed'))
})
