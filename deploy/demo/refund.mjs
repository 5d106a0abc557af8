// Asks for one refund as any other service would, with BullMQ alone, and waits for its completion event.
// Argument: the URL of Redis. Exit code 0 when the refund succeeded.
import { Queue, Worker } from 'bullmq'

const WAIT_MS = 60_000

const [url = 'redis://127.0.0.1:6379'] = process.argv.slice(2)
const connection = { url }
const no_refund = `demo-${Date.now()}`

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`)
}

const completed = Promise.withResolvers()
const late = setTimeout(() => completed.resolve(`no event within ${WAIT_MS} ms`), WAIT_MS)
const subscriber = new Worker(
  'refund-completed',
  async ({ data: event }) => {
    if (event.subject !== no_refund) return
    say(JSON.stringify(event, undefined, 2))
    completed.resolve(event.type)
  },
  { connection },
)
subscriber.on('error', (error) => say(error.message))

const refunds = new Queue('refund', { connection })
await refunds.add('refund', { no_refund, no_order: `order-of-${no_refund}`, money_refund: '200.01' })
say(`${no_refund}: on the queue`)

const result = await completed.promise
say(`${no_refund}: ${result}`)
process.exitCode = result === 'refund.succeeded' ? 0 : 1

clearTimeout(late)
await subscriber.close()
await refunds.close()
