/**
 * Sends notifications as the gateway does, signed beforehand, over kept connections: as fast as they are acknowledged, or so
 * many a second whatever the receiver does.
 */
import { createPrivateKey } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { answering, ready, usage } from './support/answering.ts'
import { httpFrames } from './support/http-frames.ts'
import { noticeFields, numberOf, signedJson } from './support/refunds.ts'

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

const CONNECTIONS = 50
const TICK_MS = 1

const privateKey = createPrivateKey(process.env.BENCH_GATEWAY_KEY ?? '')
/** Batches of messages, each one piece of memory: thousands of small ones make the collector stop this process. */
let prepared: { readonly bytes: Buffer; readonly ends: readonly number[] }[] = []
const BATCH = 1_000
let count = 0

async function prepare(given: { readonly from: number; readonly count: number }): Promise<void> {
  count = given.count
  prepared = []
  for (let at = 0; at < count; at += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, count - at) }, (_, index) => numberOf(given.from + at + index))
    const messages = await Promise.all(some.map(notification))
    let end = 0
    prepared.push({ bytes: Buffer.concat(messages), ends: messages.map((message) => (end += message.length)) })
  }
}

function messageAt(index: number): Buffer {
  const { bytes, ends } = prepared[Math.floor(index / BATCH)] ?? { bytes: Buffer.alloc(0), ends: [] }
  return bytes.subarray(ends[(index % BATCH) - 1] ?? 0, ends[index % BATCH])
}

async function notification(no_refund: string): Promise<Buffer> {
  const body = await signedJson(noticeFields(no_refund), privateKey)
  const head = [
    'POST /notifications/refund HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json;charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

interface Sent {
  /** epoch ms at which it was due, of each notification in order */
  readonly at: readonly number[]
  /** from then until it was acknowledged */
  readonly ms: readonly number[]
  readonly seconds: number
}

/** @param perSecond absent: as fast as they are acknowledged */
async function send({ port, perSecond }: { port: number; perSecond?: number }): Promise<Sent> {
  // what was prepared with is collected now: a pause of this process would be taken for one of the receiver
  gc()
  const lines = await Promise.all(Array.from({ length: CONNECTIONS }, () => openLine(port)))
  const began = performance.now()
  const dueAt = (index: number) => (perSecond === undefined ? performance.now() : began + (index * 1000) / perSecond)
  const [at, ms] = [new Float64Array(count), new Float64Array(count)]
  let next = 0

  async function work(post: (message: Buffer) => Promise<void>): Promise<void> {
    while (next < count) {
      const index = next
      next += 1
      const message = messageAt(index)
      const due = dueAt(index)
      while (performance.now() < due) await sleep(Math.max(TICK_MS, due - performance.now()))
      // a notification that found no free connection in time has waited as well
      at[index] = performance.timeOrigin + due
      await post(message)
      ms[index] = performance.now() - due
    }
  }

  await Promise.all(lines.map(({ post }) => work(post)))
  const seconds = (performance.now() - began) / 1000
  for (const { socket } of lines) socket.destroy()
  return { at: [...at], ms: [...ms], seconds }
}

/** One kept connection, with one notification at a time. */
async function openLine(port: number): Promise<{ socket: Socket; post: (message: Buffer) => Promise<void> }> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const connected = Promise.withResolvers<void>()
  let waiting = connected
  socket.once('connect', () => connected.resolve())
  socket.on(
    'data',
    httpFrames(({ head, body }) => {
      if (head.startsWith('HTTP/1.1 200') && body === '{"ret_code":"0000","ret_msg":"ok"}') waiting.resolve()
      else waiting.reject(new Error(`not acknowledged: ${body}`))
    }),
  )
  socket.on('error', (error) => waiting.reject(error))
  socket.on('close', () => waiting.reject(new Error('the receiver closed a connection')))
  await connected.promise
  return {
    socket,
    async post(message) {
      waiting = Promise.withResolvers()
      socket.write(message)
      await waiting.promise
    },
  }
}

answering({ usage, prepare, send })
ready()
