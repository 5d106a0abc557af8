import { type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** What node:http finds wrong with the bytes of a connection, or with their pace, before there is a request. */
export interface ParserFault extends Error {
  readonly code?: string
  /** the parser's own words, which quote nothing */
  readonly reason?: string
}

const STATUS_OF: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
}

export interface RawRefusal {
  readonly status: number
  readonly reason: string
}

/**
 * Answers bytes that are no HTTP request, or not in time, and closes the connection: where one request ends and the next
 * begins is not known any more.
 *
 * @returns `undefined` where nobody is left to be answered
 */
export function refuseUnreadable(fault: ParserFault, socket: Socket): RawRefusal | undefined {
  if (!socket.writable || fault.code === 'ECONNRESET') {
    socket.destroy()
    return undefined
  }
  const status = STATUS_OF[fault.code ?? ''] ?? 400
  const reason = fault.reason ?? STATUS_CODES[status] ?? ''
  answer(socket, status, reason)
  return { status, reason }
}

/** node:http answers these two by itself, without a word of why, where nobody else does. */
export function refuseTunnels(server: Server): void {
  server.on('connect', (_request, socket: Socket) => {
    socket.on('error', () => socket.destroy())
    answer(socket, 405, 'only POST is served')
  })
  server.on('checkExpectation', (_request, response) => {
    response.writeHead(417, { 'content-type': JSON_TYPE, connection: 'close' }).end(bodyOf('nothing but 100-continue'))
  })
}

const JSON_TYPE = 'application/json; charset=utf-8'
const bodyOf = (reason: string) => JSON.stringify({ ret_code: '1012', ret_msg: reason })

function answer(socket: Socket, status: number, reason: string): void {
  const body = bodyOf(reason)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${JSON_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}
