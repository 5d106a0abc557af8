/**
 * Sends notifications that nobody signed, so many a second and whatever the receiver answers, as somebody does who wants
 * the true ones to be late. Each has another signature of the right length, so that only verifying it tells.
 */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { answering, ready, usage } from './support/answering.ts'
import { httpFrames } from './support/http-frames.ts'
import { noticeFields, numberOf } from './support/refunds.ts'

const CONNECTIONS = 50
const TICK_MS = 5
const MESSAGES = 2_000
const SIGNATURE_BYTES = 256

const messages = Array.from({ length: MESSAGES }, (_, index) => {
  const body = JSON.stringify({
    ...noticeFields(numberOf(index)),
    sign: randomBytes(SIGNATURE_BYTES).toString('base64'),
  })
  const head = [
    'POST /notifications/refund HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json;charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
})

interface Flood {
  readonly answers: Readonly<Record<string, number>>
  readonly seconds: number
}

const QUIET: Flood = { answers: {}, seconds: 1 }
let stop = () => QUIET

/** @param from the address that it comes from */
async function start({ port, from, perSecond }: { port: number; from: string; perSecond: number }): Promise<void> {
  const answers: Record<string, number> = {}
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      open({ port, from }, (status) => {
        answers[status] = (answers[status] ?? 0) + 1
      }),
    ),
  )
  const began = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = ((performance.now() - began) * perSecond) / 1000
    for (; sent < due; sent++) sockets[sent % CONNECTIONS]?.write(messages[sent % MESSAGES] ?? '')
  }, TICK_MS)
  stop = () => {
    stop = () => QUIET
    clearInterval(timer)
    for (const socket of sockets) socket.destroy()
    return { answers, seconds: (performance.now() - began) / 1000 }
  }
}

async function open(
  { port, from }: { readonly port: number; readonly from: string },
  onAnswer: (status: string) => void,
): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from, noDelay: true })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once('connect', resolve)
  socket.on('error', reject)
  socket.on(
    'data',
    httpFrames(({ head }) => onAnswer(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))),
  )
  await promise
  return socket
}

answering({ usage, start, stop: () => stop() })
ready()
