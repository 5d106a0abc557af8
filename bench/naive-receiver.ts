/**
 * The bare receiver that ours is measured against: node:http, verification, one `queue.add`. It believes every
 * notification whose signature is right, twice as well as once, and knows of no refund that it could compare with.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import NodeRSA from 'node-rsa'
import { answering, ready, usage } from './support/answering.ts'
import { profiling } from './support/profiling.ts'

type Message = Record<string, string>

const { REDIS_URL = '', RECEIVER_PORT = '', PUBLIC_KEY = '' } = process.env
const publicKey = new NodeRSA(PUBLIC_KEY, 'pkcs8-public-pem', { signingScheme: 'pkcs1-md5' })
const events = new Queue('refund-completed', { connection: new Redis(REDIS_URL, { maxRetriesPerRequest: null }) })

function source(message: Message): string {
  return Object.keys(message)
    .filter((key) => key !== 'sign' && message[key] !== '')
    .toSorted()
    .map((key) => `${key}=${message[key]}`)
    .join('&')
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return body
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const notice: Message = JSON.parse(await bodyOf(request))
  response.setHeader('content-type', 'application/json')
  if (!publicKey.verify(source(notice), notice.sign ?? '', 'utf8', 'base64')) {
    response.writeHead(400).end('{"ret_code":"1001","ret_msg":"bad signature"}')
    return
  }
  await events.add('refund.succeeded', notice, { jobId: `${notice.oid_partner}-${notice.no_refund}` })
  response.end('{"ret_code":"0000","ret_msg":"ok"}')
}

const server = createServer((request, response) => {
  receive(request, response).catch((error: unknown) => {
    console.error(error)
    response.writeHead(500).end()
  })
})

answering({ usage, ...profiling() })
server.listen(Number(RECEIVER_PORT), '127.0.0.1', ready)
