import { readFile } from 'node:fs/promises'
import { Queue } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { createProducer } from '../../src/package/producer.ts'
import { refundJobSchema } from '../../src/refund/job-data.ts'
import { PARTNER } from '../refund/builders.ts'
import { examples } from '../schemas/examples.ts'
import { cleanUp } from '../support/clean-up.ts'
import { openRedis, testNamespace } from '../support/redis.ts'
import { rawKeys } from './raw-keys.ts'

const golden = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(new URL(`../../docs/examples/redis.${name}.json`, import.meta.url), 'utf8'))
const minimal = examples('refund').find(({ file }) => file === 'refund.minimal.json')?.data

test('docs/producers.md names every key that stands in Redis', async () => {
  const page = await readFile(new URL('../../docs/producers.md', import.meta.url), 'utf8')
  for (const key of Object.keys(await golden('bullmq-node'))) expect(page).toContain(`\`${key}\``)
})

describe('what stands in Redis after one refund is added', () => {
  test('by plain BullMQ for Node is what docs/producers.md shows', async () => {
    const { queuePrefix: prefix, redisUrl } = testNamespace()
    const queue = new Queue('refund', { connection: openRedis(redisUrl), prefix })
    cleanUp(async () => await queue.close())
    await queue.add('refund', minimal)
    expect(await rawKeys(openRedis(redisUrl), prefix)).toEqual(await golden('bullmq-node'))
  })

  test('by the producer of this package is the same under an id that tells a second one from the first', async () => {
    const { queuePrefix: prefix, redisUrl } = testNamespace()
    const producer = createProducer({ redis: redisUrl, prefix, oid_partner: PARTNER })
    cleanUp(async () => await producer.close())
    await producer.enqueueRefund(refundJobSchema.parse(minimal))
    expect(await rawKeys(openRedis(redisUrl), prefix)).toEqual(await golden('producer'))
  })
})
