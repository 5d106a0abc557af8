import { Queue } from 'bullmq'
import { expect, test } from 'vitest'
import { mergeBullmq } from '../../src/metrics/bullmq-export.ts'
import { cleanUp } from '../support/clean-up.ts'
import { openRedis, testNamespace } from '../support/redis.ts'
import { figures, readExposition } from './exposition.ts'

async function exported(jobsOf: Readonly<Record<string, number>>): Promise<string[]> {
  const { queuePrefix: prefix } = testNamespace()
  const connection = openRedis()
  const texts: string[] = []
  for (const [name, jobs] of Object.entries(jobsOf)) {
    const queue = new Queue(name, { connection, prefix })
    cleanUp(async () => await queue.close())
    for (let job = 0; job < jobs; job += 1) await queue.add('refund', {})
    texts.push(await queue.exportPrometheusMetrics())
  }
  return texts
}

test('what BullMQ says of several queues is one family a name, with the figures of each queue', async () => {
  const merged = mergeBullmq(await exported({ refund: 3, 'refund-query': 0, 'refund-completed': 1 }))
  const families = readExposition(merged)
  expect(families.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'bullmq_job_count untyped',
    'bullmq_job_completed_total counter',
    'bullmq_job_failed_total counter',
  ])
  const waiting = (queue: string) => figures(families, 'bullmq_job_count')[`queue="${queue}",state="waiting"`]
  expect(['refund', 'refund-query', 'refund-completed'].map(waiting)).toEqual([3, 0, 1])
  expect(merged.endsWith('\n')).toBe(true)
})

test('no queue is no text', () => {
  expect(mergeBullmq([])).toBe('')
})
