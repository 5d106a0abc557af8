/** Carries notifications to the merchant and reads whether they were acknowledged. */

import type { ClientRequest } from 'node:http'
import http from 'node:http'
import https from 'node:https'

export interface Courier {
  /** Whether HTTP 200 with ret_code 0000 came back in time. Never rejects. */
  deliver(url: string, body: string): Promise<boolean>
  /** Breaks off what is under way; later deliveries fail until `resume`. */
  stop(): void
  resume(): void
}

const LONGEST_ACKNOWLEDGEMENT = 64 * 1024

export function createCourier(ackTimeoutMs: number): Courier {
  const httpAgent = new http.Agent({ keepAlive: true })
  const httpsAgent = new https.Agent({ keepAlive: true })
  const underWay = new Set<ClientRequest>()
  let stopped = false

  function send(url: string, body: string, done: (acknowledged: boolean) => void): void {
    const secure = url.startsWith('https:')
    const request = (secure ? https : http).request(url, {
      method: 'POST',
      agent: secure ? httpsAgent : httpAgent,
      headers: { 'content-type': 'text/json;charset=utf-8', 'content-length': Buffer.byteLength(body) },
    })
    const deadline = setTimeout(() => request.destroy(), ackTimeoutMs)
    underWay.add(request)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > LONGEST_ACKNOWLEDGEMENT) request.destroy()
        else chunks.push(chunk)
      })
      response.on('end', () => {
        done(response.statusCode === 200 && isAcknowledgement(Buffer.concat(chunks)))
      })
    })
    request.on('error', () => {
      done(false)
    })
    request.on('close', () => {
      clearTimeout(deadline)
      underWay.delete(request)
      done(false)
    })
    request.end(body)
  }

  return {
    async deliver(url, body) {
      if (stopped) return false
      return await new Promise<boolean>((resolve) => {
        send(url, body, resolve)
      })
    },
    stop() {
      stopped = true
      for (const request of underWay) request.destroy()
      httpAgent.destroy()
      httpsAgent.destroy()
    },
    resume() {
      stopped = false
    },
  }
}

function isAcknowledgement(body: Buffer): boolean {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'))
    return typeof answer === 'object' && answer !== null && 'ret_code' in answer && answer.ret_code === '0000'
  } catch {
    return false
  }
}
