/**
 * What a good engineer writes by hand in an afternoon, and what ours is measured against: takes a job, signs, sends,
 * verifies the answer, adds the completion event. No ledger, so a crash between the call and the end of the job pays
 * twice, and a lost answer is sent again; but fast. Nothing in it could be left out but what the bench asks it for.
 */
import { createPrivateKey, sign } from 'node:crypto'
import http from 'node:http'
import { promisify } from 'node:util'
import { Queue, Worker } from 'bullmq'
import got from 'got'
import { Redis } from 'ioredis'
import NodeRSA from 'node-rsa'
import { answering, ready, usage } from './support/answering.ts'
import { profiling } from './support/profiling.ts'

type Message = Record<string, string>

const { REDIS_URL = '', GATEWAY_URL = '', NOTIFY_URL = '', PRIVATE_KEY = '', PUBLIC_KEY = '', SIGN_IN } = process.env
const CONCURRENCY = 50
const TIMEOUT_MS = 30_000

// the keys are parsed once
const privateKey = new NodeRSA(PRIVATE_KEY, 'pkcs8-private-pem', { signingScheme: 'pkcs1-md5' })
const publicKey = new NodeRSA(PUBLIC_KEY, 'pkcs8-public-pem', { signingScheme: 'pkcs1-md5' })

/** Only where the bench asks how much a thread for signatures would gain, see `parts/ceiling.ts`. */
function signingInPool(): (text: string) => Promise<string> {
  const key = createPrivateKey(PRIVATE_KEY)
  const signInPool = promisify(sign)
  return async (text) => (await signInPool('RSA-MD5', Buffer.from(text), key)).toString('base64')
}
const signature = SIGN_IN === 'pool' ? signingInPool() : (text: string) => privateKey.sign(text, 'base64')

const client = got.extend({
  agent: { http: new http.Agent({ keepAlive: true }) },
  timeout: { request: TIMEOUT_MS },
  // BullMQ tries again
  retry: { limit: 0 },
})

const events = new Queue('refund-completed', { connection: new Redis(REDIS_URL, { maxRetriesPerRequest: null }) })

function source(message: Message): string {
  return Object.keys(message)
    .filter((key) => key !== 'sign' && message[key] !== '')
    .toSorted()
    .map((key) => `${key}=${message[key]}`)
    .join('&')
}

async function refund(data: Message): Promise<void> {
  const unsigned: Message = { ...data, sign_type: 'RSA', notify_url: NOTIFY_URL }
  const message = { ...unsigned, sign: await signature(source(unsigned)) }
  const answer = await client.post(GATEWAY_URL, { json: message }).json<Message>()
  if (!publicKey.verify(source(answer), answer.sign ?? '', 'utf8', 'base64')) throw new Error('bad signature')
  if (answer.no_refund !== data.no_refund) throw new Error('the answer to another refund')
  if (answer.ret_code !== '0000' || answer.sta_refund !== '2') throw new Error(`ret_code ${answer.ret_code}`)
  await events.add('refund.succeeded', { ...data, ...answer }, { jobId: `${data.oid_partner}-${data.no_refund}` })
}

const worker = new Worker<Message>('refund', ({ data }) => refund(data), {
  connection: new Redis(REDIS_URL, { maxRetriesPerRequest: null }),
  concurrency: CONCURRENCY,
  // the cheapest: nothing is kept of a finished job
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 5_000 },
})
worker.on('error', (error) => console.error(error))
worker.on('failed', (_job, error) => console.error(error))

answering({ usage, ...profiling() })
await worker.waitUntilReady()
ready()
