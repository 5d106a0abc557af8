import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConsumer } from '../../src/package/consumer.ts'

// A program whose consumer stops in bad times: it prints `closed`, and ends when nothing is left to do.
const [redis = '', prefix = '', how = ''] = process.argv.slice(2)
const begun = new AbortController()
const consumer = createConsumer({
  redis,
  prefix,
  async handle() {
    begun.abort()
    await new Promise<never>(() => {})
  },
})
await (how === 'hang' ? once(begun.signal, 'abort') : sleep(500))
await consumer.close(100)
process.stdout.write('closed\n')
