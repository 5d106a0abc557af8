// Asks for one refund as any other service would, with BullMQ alone, and waits for its completion event.
import { Queue, Worker } from 'bullmq'

const WAIT_MS = 60_000

const connection = { url: process.env.REDIS_URL }
const no_refund = `demo-${Date.now()}`

const completed = Promise.withResolvers()
const subscriber = new Worker(
  'refund-completed',
  async ({ data: event }) => {
    console.log(JSON.stringify(event, undefined, 2))
    if (event.subject === no_refund) completed.resolve(event.type)
  },
  { connection },
)
const late = setTimeout(() => completed.resolve(`no event within ${WAIT_MS} ms`), WAIT_MS)

const refunds = new Queue('refund', { connection })
await refunds.add('refund', { no_refund, no_order: `order-of-${no_refund}`, money_refund: '200.01' })
console.log(`${no_refund}: on the queue`)

const result = await completed.promise
console.log(`${no_refund}: ${result}`)
process.exitCode = result === 'refund.succeeded' ? 0 : 1

clearTimeout(late)
await subscriber.close()
await refunds.close()
