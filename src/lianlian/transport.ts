import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import got, { type RequestFunction } from 'got'
import { type ConnectOptions, connectedAgents } from './connected-agent.ts'
import type { Exchange } from './exchange.ts'

export interface TransportOptions extends Omit<ConnectOptions, 'connectTimeoutMs'> {
  /** the whole call, in milliseconds: DNS, connecting, TLS, sending, waiting, reading */
  readonly timeoutMs: number
}

export interface Transport {
  /**
   * Sends one request and reads the whole answer, or says what went wrong; never rejects.
   *
   * @param mayWrite asked once, in the same turn of the event loop in which the first byte is written
   */
  readonly post: (url: string, body: string, mayWrite: () => boolean) => Promise<Exchange>
  /** Ends every connection. Calls under way fail, later ones never leave. */
  readonly close: () => void
}

/** An answer has about twenty short fields. The limit keeps a broken or hostile peer from filling the memory. */
const MAX_ANSWER_BYTES = 64 * 1024
/** With all that HTTP may put around a body: interim answers, empty lines and chunks have no end of their own. */
const MAX_WIRE_BYTES = 256 * 1024

export function createTransport({ timeoutMs, ...way }: TransportOptions): Transport {
  const agents = connectedAgents({ connectTimeoutMs: timeoutMs, ...way })
  let closed = false

  const client = got.extend({
    method: 'POST',
    agent: { http: agents.http, https: agents.https },
    headers: { 'content-type': 'application/json;charset=utf-8', 'user-agent': 'lianlian-refund-worker' },
    // Only the ledger decides whether a request is sent again, and the gateway redirects nobody.
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    // Nothing is unpacked: no compression was asked for, and a small body must not become a large one.
    decompress: false,
    responseType: 'buffer',
    timeout: { request: timeoutMs },
  })

  async function post(url: string, body: string, mayWrite: () => boolean): Promise<Exchange> {
    if (closed) return { kind: 'never_left', reason: 'the gateway client is closed', unreachable: false }
    const abort = new AbortController()
    let trouble = 'no whole answer came'
    let request: http.ClientRequest | undefined
    let left = false
    let forbidden = false

    function giveUp(reason: string): void {
      trouble = reason
      abort.abort()
    }

    const start: RequestFunction = (target, options) => {
      request = target.protocol === 'https:' ? https.request(target, options) : http.request(target, options)
      // The agents hand over connected sockets only, and Node writes nothing before this event: what fails earlier
      // never left; from here on anything may have. A kept socket passes here like a new one.
      request.once('socket', (socket) => {
        if (allowed(mayWrite)) left = true
        else {
          forbidden = true
          request?.destroy()
        }
        limit(socket)
      })
      // Nobody asked for another protocol. Without this the call would wait for its time-out.
      request.once('upgrade', () => giveUp('the gateway changed the protocol'))
      return request
    }

    /** What reaches no event of the request (empty lines, the zeros of a chunk's size) is counted too. */
    function limit(socket: Socket): void {
      let rest = MAX_WIRE_BYTES
      const count = ({ length }: Buffer): void => {
        rest -= length
        if (rest < 0) giveUp('the answer has no end')
      }
      socket.on('data', count)
      request?.once('close', () => socket.off('data', count))
    }

    try {
      const answer = client(url, { body, request: start, signal: abort.signal, resolveBodyOnly: false })
      void answer.on('downloadProgress', ({ transferred, total }) => {
        const bytes = Math.max(transferred, total ?? 0)
        if (bytes > MAX_ANSWER_BYTES) giveUp(`the answer is over ${MAX_ANSWER_BYTES} bytes`)
      })
      const { statusCode, rawBody } = await answer
      return { kind: 'answered', status: statusCode, body: rawBody }
    } catch (error) {
      if (left) return { kind: 'lost', reason: `${trouble} (${codeOf(error)})` }
      // Whatever failed, nothing may be written after this has been reported.
      request?.destroy()
      if (forbidden) return { kind: 'never_left', reason: 'claim expired', unreachable: false }
      return { kind: 'never_left', reason: `no connection could be made (${codeOf(error)})`, unreachable: true }
    }
  }

  return {
    post,
    close() {
      closed = true
      agents.destroy()
    },
  }
}

/** Called from an event handler, where an exception would end the process. */
function allowed(mayWrite: () => boolean): boolean {
  try {
    return mayWrite()
  } catch {
    return false
  }
}

/** The code alone: messages may quote the URL or the peer. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'unknown'
}
