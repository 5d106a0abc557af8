import { type Job, Queue, Worker } from 'bullmq'
import { describe, expect, test } from 'vitest'
import type { JobResult } from '../../src/flows/submit.ts'
import { processor } from '../../src/queue/processor.ts'
import { jobDataOf, wakes } from '../../src/queue/wakes.ts'
import { contentHash } from '../../src/refund/content.ts'
import type { RefundRecord } from '../../src/refund/record.ts'
import { PARTNER, parse } from '../refund/builders.ts'
import { waiting } from '../refund/story.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, testNamespace } from '../support/redis.ts'
import { fail } from './fail.ts'

const log = { error: () => {} }

function open(): { hand: ReturnType<typeof wakes>; queue: Queue; prefix: string } {
  const { queuePrefix } = testNamespace()
  const connection = openRedis()
  const hand = wakes(connection, queuePrefix, fail)
  cleanUp(async () => await hand.close())
  const queue = new Queue('refund-query', { connection, prefix: queuePrefix })
  cleanUp(async () => await queue.close())
  return { hand, queue, prefix: queuePrefix }
}

function work(prefix: string, result: JobResult): Job[] {
  const seen: Job[] = []
  const handle = processor(async (job) => {
    seen.push(job)
    return result
  }, log)
  const worker = new Worker('refund-query', handle, {
    connection: openRedis(),
    prefix,
    removeOnComplete: { age: 3600 },
    removeOnFail: { age: 3600 },
  })
  cleanUp(async () => await worker.close())
  return seen
}

describe('a wake-up', () => {
  test('stands once, however often the same version of its refund is due', async () => {
    const { hand, queue } = open()
    const record = stored(1)
    await hand.wake('refund-query', [record])
    await hand.wake('refund-query', [record, record])
    expect(await hand.waiting('refund-query')).toBe(1)
    await hand.wake('refund-query', [stored(2)])
    expect((await queue.getWaiting()).map(({ id, name, data }) => ({ id, name, data }))).toMatchObject([
      { id: `look-${PARTNER}-${record.no_refund}-1`, name: 'query', data: idOf(record) },
      { id: `look-${PARTNER}-${record.no_refund}-2`, name: 'query', data: idOf(record) },
    ])
  })

  test.for<JobResult>([
    { kind: 'done', state: 'unknown' },
    { kind: 'failed', faults: ['oid_partner: not configured'] },
  ])('that is $kind is gone, so that the same version can be woken again', async (result) => {
    const { hand, queue, prefix } = open()
    const seen = work(prefix, result)
    await hand.wake('refund-query', [stored(1)])
    await eventually(async () => seen.length === 1 && (await queue.getJobCountByTypes('waiting', 'active')) === 0)
    await hand.wake('refund-query', [stored(1)])
    await eventually(() => seen.length === 2, { timeoutMs: 2000 })
  })
})

test('the job made from a record means the same refund as the job that it came from', () => {
  const record = waiting(undefined).record
  const parsed = parse(jobDataOf(record), Date.now())
  if (!parsed.ok) throw new Error(parsed.faults.join())
  expect(contentHash(parsed.request)).toBe(record.content)
  expect(parsed.request).toEqual(record.request)
})

function stored(version: number): RefundRecord {
  return { ...waiting().record, version }
}

function idOf({ oid_partner, no_refund }: RefundRecord): object {
  return { oid_partner, no_refund }
}
