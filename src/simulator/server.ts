/** The HTTP side: reads requests, writes replies, and destroys or withholds them when told so. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Gateway } from './gateway.ts'
import { CALLS } from './gateway.ts'
import type { Reply } from './reply.ts'

export interface GatewayServer {
  /** @returns the port */
  listen(): Promise<number>
  /** Destroys every connection; resolves when nothing is under way any more. */
  close(): Promise<void>
}

export interface ServerOptions {
  readonly gateway: Gateway
  readonly host: string
  readonly port: number
  /** between the work and its answer, drawn anew for each call */
  readonly latencyMs: () => number
  readonly slowBodyMs: number
}

const LONGEST_REQUEST = 64 * 1024
const SLOW_PIECES = 20
const STATUS = { no_call: 405, too_large: 413 } as const

export function createServer({ gateway, host, port, latencyMs, slowBodyMs }: ServerOptions): GatewayServer {
  let halt = new AbortController()
  let boundPort = port
  const underWay = new Set<Promise<void>>()

  const server = http.createServer((request, response) => {
    const done = handle(request, response, halt.signal).finally(() => underWay.delete(done))
    underWay.add(done)
  })

  /** Rejects for faults of the simulator's own alone, which then end the process. */
  async function handle(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    response.on('error', () => response.destroy())
    const [path = ''] = (request.url ?? '').split('?')
    const known = Object.hasOwn(CALLS, path)
    const body = known && request.method === 'POST' ? await read(request) : 'no_call'
    if (body === 'broken_off') return
    if (typeof body === 'string') {
      refuse(request, response, known ? STATUS[body] : 404)
      return
    }
    const reply = await gateway.handle(path, request.headers['content-type'] ?? '', body)
    await pause(latencyMs(), signal)
    await write(response, reply, signal)
  }

  async function write(response: ServerResponse, reply: Reply, signal: AbortSignal): Promise<void> {
    if (reply.kind === 'drop') response.destroy()
    if (reply.kind !== 'answer' || response.destroyed) return
    const bytes = Buffer.from(reply.body, 'utf8')
    response.writeHead(reply.status, {
      'content-type': reply.status === 200 ? 'application/json;charset=utf-8' : 'text/html',
      'content-length': bytes.length,
    })
    if (!reply.slow) {
      response.end(bytes)
      return
    }
    const piece = Math.ceil(bytes.length / SLOW_PIECES)
    for (let from = 0; from < bytes.length; from += piece) {
      // To a client that has gone away this writes into the void, and is as slow.
      response.write(bytes.subarray(from, from + piece))
      await pause(slowBodyMs / SLOW_PIECES, signal)
    }
    response.end()
  }

  return {
    async listen() {
      halt = new AbortController()
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(boundPort, host, () => {
          server.off('error', reject)
          resolve()
        })
      })
      const address = server.address()
      // The port stays the same over restarts, as a real gateway's does.
      if (typeof address === 'object' && address) boundPort = address.port
      return boundPort
    },
    async close() {
      halt.abort()
      // The error says only that it was closed before.
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
      server.closeAllConnections()
      await closed
      await Promise.all(underWay)
    },
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  request.resume()
  response.writeHead(status, { connection: 'close' }).end()
}

async function read(request: IncomingMessage): Promise<Uint8Array | 'too_large' | 'broken_off'> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('a body of bytes was expected')
      bytes += chunk.length
      if (bytes > LONGEST_REQUEST) return 'too_large'
      chunks.push(chunk)
    }
  } catch {
    return 'broken_off'
  }
  return Buffer.concat(chunks)
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    // Closing: there is nobody left to wait for.
  }
}
