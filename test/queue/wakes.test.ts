import { type Job, Queue, Worker } from 'bullmq'
import { describe, expect, test } from 'vitest'
import type { JobResult } from '../../src/flows/submit.ts'
import { isWake, wakeId } from '../../src/queue/names.ts'
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

  test('cannot be kept away by somebody who takes its id first', async () => {
    const { hand, queue } = open()
    const record = { ...stored(7), token: '0123456789abcdef0123' }
    const guesses = Array.from({ length: 20 }, (_, version) => `look-${PARTNER}-${record.no_refund}-${version}`)
    await queue.addBulk(guesses.map((jobId) => ({ name: 'query', data: {}, opts: { jobId, delay: 1e9 } })))
    await hand.wake('refund-query', [record])
    expect(await hand.waiting('refund-query')).toBe(1)
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

describe('a wake-up to send', () => {
  const BACKLOG = 1500
  const OTHERS = Array.from({ length: BACKLOG }, (_, index) => `other-${index}`)

  async function backlog(count: number) {
    const { hand, prefix } = open()
    const connection = openRedis()
    const queue = new Queue('refund', { connection, prefix })
    cleanUp(async () => await queue.close())
    const add = (ids: readonly string[]) =>
      queue.addBulk(ids.map((jobId) => ({ name: 'refund', data: {}, opts: { jobId } })))
    await add(OTHERS.slice(0, count))
    const wait = queue.toKey('wait')
    return {
      hand,
      add,
      /** in the order in which workers take them; wake-ups as their version */
      list: async () => (await connection.lrange(wait, 0, -1)).toReversed().map(nameOf),
      take: async (jobs: number) => ((await connection.rpop(wait, jobs)) ?? []).map(nameOf),
      putBack: async (version: number) => connection.lpush(wait, wakeId(stored(version))),
    }
  }

  const nameOf = (id: string) => (isWake(id) ? `wake ${id.split('-').at(-1)}` : id)
  const versions = (from: number, count: number) => Array.from({ length: count }, (_, index) => stored(from + index))

  test('waits its turn where few wait', async () => {
    const { hand, add, list } = await backlog(2)
    await hand.wake('refund', versions(1, 2))
    await add(['newcomer'])
    await hand.wake('refund', versions(3, 1))
    expect(await list()).toEqual(['other-0', 'other-1', 'wake 1', 'wake 2', 'newcomer', 'wake 3'])
  })

  test('goes before a backlog, four of it before each, and behind those who were called earlier', async () => {
    const { hand, list } = await backlog(BACKLOG)
    await hand.wake('refund', versions(1, 2))
    await hand.wake('refund', versions(3, 1))
    const front = ['wake 1', OTHERS.slice(4, 8), 'wake 2', OTHERS.slice(8, 12), 'wake 3'].flat()
    expect(await list()).toEqual([...OTHERS.slice(0, 4), ...front, ...OTHERS.slice(12)])
  })

  test('leaves to a backlog four of five turns, however many are called', async () => {
    const { hand, take, list } = await backlog(BACKLOG)
    const taken: string[] = []
    for (let from = 1; !taken.includes(`other-${BACKLOG - 1}`) && from < 20_000; from += 50) {
      await hand.wake('refund', versions(from, 50))
      taken.push(...(await take(50)))
    }
    const place = taken.indexOf(`other-${BACKLOG - 1}`)
    expect(taken.filter((name) => name.startsWith('other'))).toEqual(OTHERS)
    expect(taken.slice(0, 1000).filter((name) => name.startsWith('other'))).toHaveLength(800)
    expect(place).toBeLessThan(1.25 * BACKLOG)
    expect((await list()).every((name) => name.startsWith('wake'))).toBe(true)
  })

  test('that was put off comes back before the backlog, at the next call for nobody', async () => {
    const { hand, list, putBack } = await backlog(BACKLOG)
    await putBack(1)
    await putBack(2)
    expect((await list()).indexOf('wake 1')).toBe(BACKLOG)
    await hand.wake('refund', [])
    const after = await list()
    expect([after.indexOf('wake 1'), after.indexOf('wake 2')]).toEqual([4, 9])
    expect(after.filter((name) => name.startsWith('other'))).toEqual(OTHERS)
  })

  test('waits at the back while the front has no room', async () => {
    const { hand, list } = await backlog(BACKLOG)
    await hand.wake('refund', versions(1, 200))
    const after = await list()
    expect(after).toHaveLength(BACKLOG + 200)
    expect(after.filter((name) => name.startsWith('wake'))).toEqual(
      versions(1, 200).map(({ version }) => `wake ${version}`),
    )
    expect(after.indexOf('wake 150')).toBe(749)
    expect(after.indexOf('wake 151')).toBe(BACKLOG + 150)
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
  return { ...waiting().record, version, token: String(version) }
}

function idOf({ oid_partner, no_refund }: RefundRecord): object {
  return { oid_partner, no_refund }
}
