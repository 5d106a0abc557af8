import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { createGateway, type Gateway, type GatewayOptions } from '../../src/lianlian/client.ts'
import { cleanUp } from '../support/clean-up.ts'
import type { Certificate } from './certificate.ts'
import { ACCEPTED, keyPair, signedBody } from './sample.ts'

export const lianlian = keyPair()
const merchant = keyPair()

/** One request as it came over the wire. */
export interface Heard {
  readonly head: string
  readonly body: string
  /** which request of its connection, from 1 */
  readonly nth: number
  readonly socket: net.Socket
}

/** A server that shows the bytes: what reached it, and over how many connections. */
export interface Peer {
  readonly port: number
  readonly url: string
  readonly heard: Heard[]
  /** request bytes that arrived, whole requests or not; under TLS after decryption */
  readonly bytes: () => number
  /** connections made; under TLS handshakes completed by the client */
  readonly connections: () => number
  readonly sockets: ReadonlySet<net.Socket>
}

export interface PeerOptions {
  readonly tls?: Certificate & tls.TlsOptions
}

/** Answers each whole request by `answer`, which writes to the socket whatever it likes. */
export async function startPeer(answer: (heard: Heard) => void, options: PeerOptions = {}): Promise<Peer> {
  const heard: Heard[] = []
  const sockets = new Set<net.Socket>()
  let bytes = 0
  let connections = 0

  function onConnection(socket: net.Socket): void {
    connections += 1
    let nth = 0
    let pending = ''
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      pending += chunk.toString('latin1')
      const end = pending.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(pending)?.[1])
      if (end === -1 || pending.length < end + 4 + length) return
      nth += 1
      const request = { head: pending.slice(0, end), body: pending.slice(end + 4), nth, socket }
      pending = ''
      heard.push(request)
      answer(request)
    })
  }

  const server = options.tls ? tls.createServer(options.tls, onConnection) : net.createServer(onConnection)
  server.on('tlsClientError', () => {})
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const port = await listen(server, sockets)
  const url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`
  return { port, url, heard, bytes: () => bytes, connections: () => connections, sockets }
}

/** A TCP server without any protocol of its own. */
export async function startRaw(onConnection: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    onConnection(socket)
  })
  return listen(server, sockets)
}

/** The same, and how many of its connections are open. */
export async function startCounted(onConnection: (socket: net.Socket) => void) {
  let count = 0
  const port = await startRaw((socket) => {
    count += 1
    socket.on('close', () => {
      count -= 1
    })
    onConnection(socket)
  })
  return { port, open: () => count }
}

async function listen(server: net.Server, sockets: ReadonlySet<net.Socket>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** A port on which nothing listens. */
export async function deadPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export function clientOf(url: string, changes: Partial<GatewayOptions> = {}): Gateway {
  const gateway = createGateway({
    refundUrl: `${url}/refund.htm`,
    exchangeRefundUrl: `${url}/exchangerefund.htm`,
    queryUrl: `${url}/refundquery.htm`,
    timeoutMs: 5000,
    privateKey: merchant.privateKey,
    publicKeys: lianlian.publicKeys,
    trustUnsignedRefusals: true,
    ...changes,
  })
  cleanUp(gateway.close)
  return gateway
}

export const merchantKeys = merchant.publicKeys

export const GOOD = signedBody(ACCEPTED, lianlian.privateKey)

export function http(body: string | Buffer, headers: readonly string[] = [], status = '200 OK'): Buffer {
  const bytes = Buffer.from(body)
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${bytes.length}`, ...headers]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes])
}

export const accept = ({ socket }: Heard): void => {
  socket.write(http(GOOD))
}
