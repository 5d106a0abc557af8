import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'

export interface RequestFault {
  readonly status: number
  readonly reason: string
  readonly headers?: Readonly<Record<string, string>>
}

const METHOD: RequestFault = { status: 405, reason: 'only POST is served', headers: { allow: 'POST' } }
const PATH: RequestFault = { status: 404, reason: 'no such path' }
// Where the next request begins is in doubt after these.
const headers = { connection: 'close' }
const VERSION: RequestFault = { status: 505, reason: 'only HTTP/1.1 and HTTP/1.0 are spoken', headers }
const HOST: RequestFault = { status: 400, reason: 'no host is named', headers }
const REPEATED: RequestFault = { status: 400, reason: 'a header that may stand once stands twice', headers }
const FRAMING: RequestFault = { status: 400, reason: 'HTTP/1.0 has no transfer encoding', headers }
const CODING: RequestFault = { status: 501, reason: 'no transfer encoding but chunked is read', headers }
const COMPRESSED: RequestFault = {
  status: 415,
  reason: 'compressed bodies are not read',
  headers: { 'accept-encoding': 'identity' },
}

/**
 * What is wrong with a request, as far as its head tells: what node:http lets through, and two programs on the way could
 * read differently. The path never stands in the reason: it may be a secret.
 */
export function requestFault({ is404, raw }: FastifyRequest, path: string): RequestFault | undefined {
  const { headers: given, httpVersion } = raw
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return VERSION
  if (given.host === undefined && httpVersion === '1.1') return HOST
  if (isRepeated(raw)) return REPEATED
  const transfer = given['transfer-encoding']
  if (transfer !== undefined) {
    if (httpVersion === '1.0') return FRAMING
    if (transfer.toLowerCase() !== 'chunked') return CODING
  }
  if (is404) return raw.url?.split('?')[0] === path ? METHOD : PATH
  const encoding = given['content-encoding']
  return encoding === undefined || encoding.toLowerCase() === 'identity' ? undefined : COMPRESSED
}

const ONCE = ['host', 'content-type'] as const

/** node:http keeps the first of two and says nothing. */
function isRepeated({ rawHeaders }: IncomingMessage): boolean {
  const seen = [0, 0]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const which = name.length === ONCE[0].length ? 0 : 1
    if (name.length !== ONCE[which].length || name.toLowerCase() !== ONCE[which]) continue
    seen[which] = (seen[which] ?? 0) + 1
  }
  return seen.some((count) => count > 1)
}
