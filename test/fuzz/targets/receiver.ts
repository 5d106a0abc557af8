import { once } from 'node:events'
import http from 'node:http'
import { pino } from 'pino'
import { receiveNotice } from '../../../src/flows/notice.ts'
import { submitJob } from '../../../src/flows/submit.ts'
import { createReceiver } from '../../../src/http/receiver.ts'
import { readNotification } from '../../../src/lianlian/notification.ts'
import { FakeGateway } from '../../flows/fake-gateway.ts'
import { DATA, DT, defaults } from '../../refund/builders.ts'
import type { Store } from '../../simulation/memory/store.ts'
import { type FuzzedEngine, fuzzedEngine } from '../engine.ts'
import { unclear } from '../guards.ts'
import { type Input, type Target, tally } from '../target.ts'
import { vouchedMessage } from '../vouched.ts'
import { notices } from './notices.ts'
import { keysOf, type ReadNotification } from './notification.ts'

const PATH = '/notifications/refund'
const LONGEST_BODY = 64 * 1024

interface Answer {
  readonly status: number
  readonly body: string
}

/** The receiver over a real socket, before a refund that the gateway works on. */
export function receiverTarget(read: ReadNotification = readNotification): Target {
  const counts = new Map<string, number>()
  let running: Promise<Running> | undefined
  return {
    name: 'receiver',
    share: 2,
    slowMs: 1000,
    counts,
    make: notices(),
    async check(input) {
      running ??= start(read)
      const server = await running
      const store = server.reset()
      const before = facts(store)
      const answer = await server.post(input.bytes)
      tally(counts, answer === undefined ? 'closed' : String(answer.status))
      const due = read(input.bytes, keysOf).kind === 'verified'
      if (due && answer?.status !== 200)
        return `what is read as verified was answered ${answer?.status ?? 'not at all'}`
      return wrongAnswer(input, answer) ?? wrongChange(input, answer, before !== facts(store))
    },
    async close() {
      if (running) await (await running).stop()
    },
  }
}

function wrongAnswer({ bytes }: Input, answer: Answer | undefined): string | undefined {
  if (answer === undefined || answer.status === 413) {
    return bytes.length > LONGEST_BODY ? undefined : 'a short body was not answered'
  }
  const said: unknown = JSON.parse(answer.body)
  const ret_msg = typeof said === 'object' && said !== null && 'ret_msg' in said ? said.ret_msg : undefined
  if (typeof ret_msg !== 'string') return `an answer without ret_msg: ${answer.body.slice(0, 100)}`
  if (answer.status === 200) return undefined
  if (answer.status !== 400) return `HTTP status ${answer.status}`
  return unclear(ret_msg, { longest: 120 })
}

function wrongChange({ bytes, vouched }: Input, answer: Answer | undefined, changed: boolean): string | undefined {
  if (answer?.status !== 200) return changed ? 'a refused notification changed something' : undefined
  return vouchedMessage(bytes, vouched) ? undefined : 'a forgery was acknowledged'
}

/** All that a notification may change, figures apart. */
function facts({ records, unmatched, early, outbox, orders }: Store): string {
  return JSON.stringify([records, unmatched, early, outbox, orders].map((map) => Array.from<unknown>(map)))
}

interface Running {
  readonly reset: () => Store
  readonly post: (body: Buffer) => Promise<Answer | undefined>
  readonly stop: () => Promise<void>
}

async function start(read: ReadNotification): Promise<Running> {
  const processing = (await workedOn()).ledger.store
  let current = fuzzedEngine(new FakeGateway())
  const server = createReceiver({
    path: PATH,
    trustProxy: ['127.0.0.1'],
    logger: pino({ level: 'silent' }),
    read: (body) => read(body, keysOf),
    store: async (id, notice) => await receiveNotice(current.engine, id, notice),
    count: async () => Promise.resolve(),
  })
  const port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  let sender = 0
  return {
    reset() {
      current = fuzzedEngine(new FakeGateway())
      for (const [name, record] of processing.records) current.ledger.store.records.set(name, record)
      return current.ledger.store
    },
    async post(body) {
      sender = (sender + 1) % 65_536
      return await post({ port, agent, sender: `10.0.${sender >> 8}.${sender & 255}` }, body)
    },
    async stop() {
      agent.destroy()
      await server.close()
    },
  }
}

/** A refund that was sent, and taken by the gateway. */
async function workedOn(): Promise<FuzzedEngine> {
  const gateway = new FakeGateway()
  gateway.status = '1'
  const fuzzed = fuzzedEngine(gateway)
  const { merchants, timestamp } = defaults()
  await submitJob(fuzzed.engine, merchants, { id: 'job-1', data: { ...DATA, dt_refund: DT }, timestamp })
  return fuzzed
}

interface To {
  readonly port: number
  readonly agent: http.Agent
  /** each from another one: who sends many forgeries is not heard any more */
  readonly sender: string
}

async function post({ port, agent, sender }: To, body: Buffer): Promise<Answer | undefined> {
  const type = { 'content-type': 'text/json;charset=utf-8', 'content-length': body.length }
  const headers = { ...type, 'x-forwarded-for': sender }
  const request = http.request({ port, agent, host: '127.0.0.1', path: PATH, method: 'POST', headers })
  const closed = once(request, 'close')
  const answered = new Promise<Answer | undefined>((resolve) => {
    request.on('error', () => resolve(undefined))
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', () => resolve(undefined))
    })
  })
  request.end(body)
  const answer = await answered
  await closed
  return answer
}
