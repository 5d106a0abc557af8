import http from 'node:http'
import https from 'node:https'
import got, { type RequestFunction } from 'got'
import { connectedAgents } from './connected-agent.ts'
import type { Exchange } from './exchange.ts'

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

/** @param timeoutMs the whole call: DNS, connecting, TLS, sending, waiting, reading */
export function createTransport(timeoutMs: number): Transport {
  const agents = connectedAgents(timeoutMs)
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

    const start: RequestFunction = (target, options) => {
      request = target.protocol === 'https:' ? https.request(target, options) : http.request(target, options)
      // The agents hand over connected sockets only, and Node writes nothing before this event: what fails earlier
      // never left; from here on anything may have. A kept socket passes here like a new one.
      request.once('socket', () => {
        if (allowed(mayWrite)) left = true
        else {
          forbidden = true
          request?.destroy()
        }
      })
      // Nobody asked for another protocol. Without this the call would wait for its time-out.
      request.once('upgrade', () => {
        trouble = 'the gateway changed the protocol'
        abort.abort()
      })
      return request
    }

    try {
      const answer = client(url, { body, request: start, signal: abort.signal, resolveBodyOnly: false })
      void answer.on('downloadProgress', ({ transferred, total }) => {
        if (Math.max(transferred, total ?? 0) <= MAX_ANSWER_BYTES) return
        trouble = `the answer is over ${MAX_ANSWER_BYTES} bytes`
        abort.abort()
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
