import { once } from 'node:events'
import net from 'node:net'
import { createGateway, type Gateway } from '../../../src/lianlian/client.ts'
import { REQUEST } from '../../lianlian/sample.ts'
import type { Random } from '../../simulation/random.ts'
import { gateway as gatewayKeys, merchant } from '../gateway-keys.ts'
import { mutateBytes } from '../mutate/bytes.ts'
import { type Input, type Target, tally } from '../target.ts'
import { answers, wrongOutcome } from './answers.ts'

const TIMEOUT_MS = 400
const HEADS = [
  'Content-Type: application/json;charset=utf-8',
  'Content-Encoding: gzip',
  'Transfer-Encoding: chunked',
  'Connection: close',
  'Connection: keep-alive',
  'Content-Length: 0',
  'Content-Length: 99999999999',
  'Content-Length: -1',
  'Set-Cookie: a=b',
  `X-Long: ${'x'.repeat(20_000)}`,
  'Upgrade: websocket',
  'Location: /elsewhere',
  ' folded: yes',
  'Bad\u0000Name: yes',
] as const
const STATUS_LINES = [
  'HTTP/1.1 200 OK',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 302 Found',
  'HTTP/1.1 307 Temporary Redirect',
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 500 Internal Server Error',
  'HTTP/1.1 999 ?',
  'HTTP/2 200',
  'ICY 200 OK',
] as const

/** The real client before a server that answers with any bytes at all. */
export function clientTarget(): Target {
  const counts = new Map<string, number>()
  const make = answers()
  let running: Promise<Running> | undefined
  return {
    name: 'client',
    share: 2,
    slowMs: TIMEOUT_MS + 2000,
    counts,
    make: (random) => response(random, make(random)),
    async check({ bytes, vouched }) {
      running ??= start()
      const { client, say, heard } = await running
      say(bytes)
      const before = heard()
      const outcome = bytes.length % 2 === 0 ? await client.submit(REQUEST) : await client.query(REQUEST)
      tally(counts, outcome.kind)
      if (heard() - before > 1) return 'it called again by itself, or followed a redirect'
      const at = bytes.indexOf('\r\n\r\n')
      return wrongOutcome(outcome, unchunked(bytes.subarray(at + 4)), vouched, true)
    },
    async close() {
      if (running) await (await running).stop()
    },
  }
}

/** Of two bodies in one stream only the first can be meant, and chunks are put together by the client. */
function unchunked(body: Buffer): Buffer {
  const from = body.indexOf('{')
  const to = body.indexOf('}')
  return from < 0 || to < from ? body : body.subarray(from, to + 1)
}

function response(random: Random, input: Input): Input {
  const line = random.chance(0.7) ? STATUS_LINES[0] : random.pick(STATUS_LINES)
  const heads = [`Content-Length: ${input.bytes.length}`]
  for (let times = random.between(0, 2); times > 0; times--) heads.push(random.pick(HEADS))
  const head = Buffer.from(`${line}\r\n${heads.join('\r\n')}\r\n\r\n`)
  const whole = Buffer.concat([head, input.bytes])
  if (random.chance(0.3)) return { ...input, bytes: mutateBytes(random, whole), note: `raw, ${input.note}` }
  return { ...input, bytes: whole }
}

interface Running {
  readonly client: Gateway
  readonly say: (bytes: Buffer) => void
  /** requests so far */
  readonly heard: () => number
  readonly stop: () => Promise<void>
}

async function start(): Promise<Running> {
  let answer: Buffer = Buffer.alloc(0)
  let heard = 0
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.once('data', () => {
      heard += 1
      socket.end(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const client = createGateway({
    refundUrl: `${url}/refund.htm`,
    exchangeRefundUrl: `${url}/exchangerefund.htm`,
    queryUrl: `${url}/refundquery.htm`,
    timeoutMs: TIMEOUT_MS,
    privateKey: merchant.privateKey,
    publicKeys: gatewayKeys.publicKeys,
    trustUnsignedRefusals: true,
  })
  return {
    client,
    say(bytes) {
      answer = bytes
    },
    heard: () => heard,
    async stop() {
      client.close()
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
