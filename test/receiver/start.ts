import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { createReceiver } from '../../src/http/receiver.ts'
import type { ReceiverOptions } from '../../src/http/receiver-options.ts'
import { parsePublicKeys } from '../../src/lianlian/keys.ts'
import { readNotification } from '../../src/lianlian/notification.ts'
import { type Fields, notification } from '../e2e/notification.ts'
import { gatewayKeys, PARTNER } from '../e2e/settings.ts'
import { cleanUp } from '../support/clean-up.ts'

export const PATH = '/notifications/refund'
export const ACKNOWLEDGED = '{"ret_code":"0000","ret_msg":"ok"}'

const keys = parsePublicKeys(gatewayKeys.publicKey)

export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly msg: string
}

export interface Receiver {
  readonly port: number
  /** numbers of what was stored, in order */
  readonly stored: readonly string[]
  readonly log: readonly LogLine[]
  readonly counts: Readonly<Record<string, number>>
  readonly closed: () => Promise<void>
  /** How many connections it has open. */
  readonly connections: () => Promise<number>
}

/** The receiver with the true reading of notifications, before a store that only remembers. */
export async function startReceiver(options: Partial<ReceiverOptions> & { host?: string } = {}): Promise<Receiver> {
  const stored: string[] = []
  const log: LogLine[] = []
  const counts: Record<string, number> = {}
  const { host = '127.0.0.1', ...others } = options
  const server = createReceiver({
    path: PATH,
    trustProxy: [],
    logger: pino({ base: null }, { write: (line: string) => void log.push(JSON.parse(line)) }),
    read: (body) => readNotification(body, (oid_partner) => (oid_partner === PARTNER ? keys : undefined)),
    store: async ({ no_refund }) => {
      stored.push(no_refund)
      return 'accepted'
    },
    count: async (some) => {
      for (const [name, by] of Object.entries(some)) counts[name] = (counts[name] ?? 0) + by
    },
    ...others,
  })
  cleanUp(() => server.close())
  await server.listen({ host, port: 0 })
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  server.server.once('close', resolve)
  return {
    port: address.port,
    stored,
    log,
    counts,
    closed: async () => {
      await server.close()
      await closed
    },
    connections: async () =>
      new Promise((done, fail) =>
        server.server.getConnections((error, count) => (error === null ? done(count) : fail(error))),
      ),
  }
}

/** What the gateway says of a refund, signed. */
export const signed = (no_refund: string, more: Fields = {}): string =>
  notification({ oid_partner: PARTNER, no_refund, money_refund: '1.00', sta_refund: '2', ...more })

/** A body in whose place no other fits: right in all but its signature. */
export const forged = (no_refund: string): string =>
  signed(no_refund).replace('"money_refund":"1.00"', '"money_refund":"1.01"')

export interface Head {
  readonly line?: string
  /** in place of the headers that a body needs */
  readonly headers?: readonly string[]
  /** besides them */
  readonly more?: readonly string[]
}

/** The bytes of a request. */
export function request(
  body: string | Uint8Array,
  { line = `POST ${PATH} HTTP/1.1`, headers, more = [] }: Head = {},
): Buffer {
  const bytes = Buffer.from(body)
  const usual = ['Host: 127.0.0.1', 'Content-Type: text/json;charset=utf-8', `Content-Length: ${bytes.length}`]
  return Buffer.concat([Buffer.from(`${[line, ...(headers ?? usual), ...more].join('\r\n')}\r\n\r\n`, 'latin1'), bytes])
}

export const LAST = ['Connection: close']

export interface Line {
  readonly socket: Socket
  /** everything that came so far */
  readonly received: () => string
  /** resolves when the other side has closed */
  readonly ended: Promise<string>
}

/** A connection that says only what a test writes. */
export async function open(port: number, host = '127.0.0.1'): Promise<Line> {
  const socket = connect({ host, port, noDelay: true })
  cleanUp(() => socket.destroy())
  let text = ''
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  const { promise: connected, resolve: begin, reject } = Promise.withResolvers<void>()
  socket.once('connect', begin)
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  socket.on('error', reject)
  socket.on('close', () => resolve(text))
  await connected
  return { socket, received: () => text, ended }
}

/** Writes, and gives what is answered until the receiver closes the connection. */
export async function say(port: number, bytes: string | Uint8Array): Promise<string> {
  const { socket, ended } = await open(port)
  socket.write(bytes)
  return await Promise.race([ended, sleep(20_000, 'the connection stays open', { ref: false })])
}

/** The status of each answer, in order. */
export const statuses = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d{3})|(?<=\})HTTP\/1\.1 (\d{3})/gm)].map(([, one, other]) => Number(one ?? other))

/** The body of the last answer. */
export const bodyOf = (text: string): string => text.slice(text.lastIndexOf('\r\n\r\n') + 4)
