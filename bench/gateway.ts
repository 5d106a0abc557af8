/**
 * A gateway that does as little as it may, so that the machine is left to the worker that is measured: answers are signed
 * before a round and looked up in it. `POST /<mode>/<side>/refund.htm` and `.../refundquery.htm`.
 */
import { createPrivateKey } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { isSignedBy, readPublicKey } from '../src/simulator/signing.ts'
import { answering, ready, usage } from './support/answering.ts'
import { type Frame, httpFrames } from './support/http-frames.ts'
import { answerFields, numberOf, signedJson } from './support/refunds.ts'

/** - `paid`: 0000, the money has moved; `accepted`: 0000, it will; `silent`: no answer */
const MODES = { paid: '2', accepted: '0', silent: undefined } as const
type Mode = keyof typeof MODES

/** Each request's signature would cost as much as the worker's own work. */
const CHECKED_EVERY = 50

const privateKey = createPrivateKey(process.env.BENCH_GATEWAY_KEY ?? '')
const merchantKey = readPublicKey(process.env.BENCH_MERCHANT_PUBLIC_KEY ?? '')

/** signed answers by mode and number */
const prepared = { paid: new Map<string, Buffer>(), accepted: new Map<string, Buffer>() }
/** numbers that were submitted, by the side that did */
const submitted = new Map<string, Set<string>>()
let [calls, doubled, forged] = [0, 0, 0]

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on(
    'data',
    httpFrames((frame) => void answer(socket, frame)),
  )
  // a worker that was killed
  socket.on('error', () => socket.destroy())
})

async function answer(socket: Socket, { head, body }: Frame): Promise<void> {
  const [, mode = '', side = '', route = ''] = head.slice(0, head.indexOf(' HTTP/')).split('/')
  const from = body.indexOf('"no_refund":"') + 13
  const no_refund = body.slice(from, body.indexOf('"', from))
  calls += 1
  if (route === 'refund.htm') remember(side, no_refund)
  if (calls % CHECKED_EVERY === 0 && !isSignedBy(JSON.parse(body), merchantKey)) forged += 1
  if (!isMode(mode) || mode === 'silent') return
  const known = prepared[mode].get(no_refund)
  socket.write(known ?? (await signedAnswer(no_refund, mode)))
}

function remember(side: string, no_refund: string): void {
  const seen = submitted.get(side) ?? new Set()
  submitted.set(side, seen)
  if (seen.has(no_refund)) doubled += 1
  seen.add(no_refund)
}

async function signedAnswer(no_refund: string, mode: 'paid' | 'accepted'): Promise<Buffer> {
  const body = await signedJson(answerFields(no_refund, MODES[mode]), privateKey)
  const length = Buffer.byteLength(body)
  return Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`)
}

const isMode = (text: string): text is Mode => text in MODES

/** Signs the answers for these refunds, and forgets those of the last round. */
async function prepare({ from, count, mode }: { from: number; count: number; mode: 'paid' | 'accepted' }) {
  prepared[mode].clear()
  const BATCH = 1000
  for (let at = from; at < from + count; at += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, from + count - at) }, (_, index) => numberOf(at + index))
    const answers = await Promise.all(numbers.map((no_refund) => signedAnswer(no_refund, mode)))
    for (const [index, no_refund] of numbers.entries()) prepared[mode].set(no_refund, answers[index] ?? Buffer.alloc(0))
  }
}

answering({
  usage,
  prepare,
  port: () => (server.address() as AddressInfo).port,
  book: () => ({ calls, doubled, forged }),
  submitted: (side: string) => submitted.get(side)?.size ?? 0,
})
server.listen(0, '127.0.0.1', ready)
