import type net from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { accept, clientOf, GOOD, type Heard, http, lianlian, startPeer } from './peer.ts'
import { ACCEPTED, REQUEST, signedBody } from './sample.ts'

const UNCLEAR = { kind: 'unclear', quarantine: 'full', fields: {}, reason: expect.any(String) }
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const CLOSED = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'
/** What a client may be made to read before it leaves; sockets and their buffers hold some more. */
const ENOUGH = 16 * 1024 * 1024

/** Writes a head, and then a piece for as long as anybody reads. */
function flood(head: string, piece: string) {
  return ({ socket }: Heard): void => {
    socket.write(head)
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
      socket.once('drain', more)
    }
    more()
  }
}

describe('an answer without end is left long before the time of the call, and is unclear', () => {
  const floods: readonly (readonly [string, (heard: Heard) => void])[] = [
    ['interim answers', flood('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(500))],
    ['early hints', flood('', `HTTP/1.1 103 Early Hints\r\nLink: ${'x'.repeat(10_000)}\r\n\r\n`)],
    ['header fields', flood('HTTP/1.1 200 OK\r\n', 'a: b\r\n'.repeat(500))],
    ['one header field', flood('HTTP/1.1 200 OK\r\na: ', 'b'.repeat(10_000))],
    ['folded lines', flood('HTTP/1.1 200 OK\r\na: b\r\n', ' c\r\n'.repeat(500))],
    ['a status text', flood('HTTP/1.1 200 ', 'O'.repeat(10_000))],
    ['empty lines', flood('', '\r\n'.repeat(5000))],
    ['a body that ends with the connection', flood(CLOSED, ' '.repeat(10_000))],
    ['a body of a length beyond counting', flood('HTTP/1.1 200 OK\r\nContent-Length: 9007199254740991\r\n\r\n', ' ')],
    ['chunks', flood(CHUNKED, `2710\r\n${' '.repeat(10_000)}\r\n`)],
    ['one chunk', flood(`${CHUNKED}ffffffff\r\n`, ' '.repeat(10_000))],
    ['a chunk extension', flood(`${CHUNKED}1;a=`, 'b'.repeat(10_000))],
    ['small chunks with large extensions', flood(CHUNKED, `1;a=${'b'.repeat(10_000)}\r\n \r\n`)],
    ['a chunk size', flood(CHUNKED, '0'.repeat(10_000))],
    ['trailers', flood(`${CHUNKED}0\r\n`, 'a: b\r\n'.repeat(500))],
  ]
  test.each(floods)('%s', async (_name, answer) => {
    let written = () => 0
    const peer = await startPeer((heard) => {
      written = () => heard.socket.bytesWritten
      answer(heard)
    })
    const start = performance.now()
    expect(await clientOf(peer.url, { timeoutMs: 15_000 }).submit(REQUEST)).toEqual(UNCLEAR)
    expect(performance.now() - start).toBeLessThan(8000)
    await eventually(() => peer.sockets.size === 0)
    expect(written()).toBeLessThan(ENOUGH)
  })

  test('other calls go on meanwhile', async () => {
    const hostile = await startPeer(flood('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(500)))
    const peer = await startPeer(accept)
    const [bad, good] = [clientOf(hostile.url), clientOf(peer.url)]
    const both = Array.from({ length: 20 }, async () => Promise.all([bad.submit(REQUEST), good.submit(REQUEST)]))
    for (const [unclear, accepted] of await Promise.all(both)) {
      expect([unclear.kind, accepted.kind]).toEqual(['unclear', 'accepted'])
    }
  })
})

describe('an answer that is no whole one is unclear', () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '))
  const length = `Content-Length: ${GOOD.length}`
  const answers: readonly (readonly [string, (socket: net.Socket) => void])[] = [
    ['a packed body of 50 MB', (socket) => socket.write(http(bomb, ['Content-Encoding: gzip']))],
    ['HTTP/0.9', (socket) => socket.end(GOOD)],
    ['HTTP/2 without being asked', (socket) => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    ['204 with a good body', (socket) => socket.write(http(GOOD, [], '204 No Content'))],
    ['304 with a good body', (socket) => socket.write(http(GOOD, [], '304 Not Modified'))],
    ['205 with a good body', (socket) => socket.write(http(GOOD, [], '205 Reset Content'))],
    ['a status of two digits', (socket) => socket.write(http(GOOD, [], '20 OK'))],
    ['two lengths', (socket) => socket.write(http(GOOD, ['Content-Length: 5']))],
    ['a length and chunks', (socket) => socket.write(http(GOOD, ['Transfer-Encoding: chunked']))],
    [
      'a length with a sign',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: +${GOOD.length}\r\n\r\n${GOOD}`),
    ],
    [
      'a space before the colon',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\n${length.replace(':', ' :')}\r\n\r\n${GOOD}`),
    ],
    ['a chunk size that is none', (socket) => socket.write(`${CHUNKED}0x5\r\nabcde\r\n0\r\n\r\n`)],
    ['an unknown transfer coding', (socket) => socket.end(http(GOOD, ['Transfer-Encoding: chunked, identity']))],
    ['a null byte in the head', (socket) => socket.write(http(GOOD, ['A: b\0c']))],
  ]
  test.each(answers)('%s', async (_name, answer) => {
    const peer = await startPeer(({ socket }) => answer(socket))
    expect(await clientOf(peer.url, { timeoutMs: 1500 }).submit(REQUEST)).toEqual(UNCLEAR)
    expect(peer.heard).toHaveLength(1)
  })
})

describe('an answer in an unusual form counts', () => {
  const answers: readonly (readonly [string, (socket: net.Socket) => void])[] = [
    ['after a few interim answers', (socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${http(GOOD).toString()}`)],
    [
      'in chunks',
      (socket) => socket.write(`${CHUNKED}${Buffer.byteLength(GOOD).toString(16)};a=b\r\n${GOOD}\r\n0\r\nc: d\r\n\r\n`),
    ],
    ['until the connection ends', (socket) => socket.end(`${CLOSED}${GOOD}`)],
    [
      'with three hundred header fields',
      (socket) =>
        socket.write(
          http(
            GOOD,
            Array.from({ length: 300 }, () => 'a: b'),
          ),
        ),
    ],
    ['as HTTP/1.0', (socket) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${GOOD}`)],
  ]
  test.each(answers)('%s', async (_name, answer) => {
    const peer = await startPeer(({ socket }) => answer(socket))
    expect((await clientOf(peer.url).submit(REQUEST)).kind).toBe('accepted')
  })
})

describe('an answer to nobody is never taken for that of the next refund', () => {
  const other = http(signedBody({ ...ACCEPTED, no_refund: 'other' }, lianlian.privateKey))
  const refusal = http(JSON.stringify({ ret_code: '5003', ret_msg: 'not for you' }))
  const surplus: readonly (readonly [string, Buffer])[] = [
    ['behind a status without a body', Buffer.concat([http('', [], '204 No Content'), refusal])],
    ['behind a body that is longer than it says', Buffer.concat([http(GOOD), Buffer.from('  '), refusal])],
    ['behind the last chunk', Buffer.concat([Buffer.from(`${CHUNKED}0\r\n\r\n`), refusal])],
    ['behind the answer of another refund', Buffer.concat([other, refusal])],
    ['in half', Buffer.concat([http(GOOD), refusal.subarray(0, -10)])],
    ['as garbage', Buffer.concat([http(GOOD), Buffer.from('garbage')])],
    ['as an interim answer', Buffer.concat([http(GOOD), Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')])],
  ]
  test('while the connection rests', async () => {
    const peer = await startPeer((heard) => accept(heard))
    const gateway = clientOf(peer.url)
    await gateway.submit(REQUEST)
    const closed = eventually(() => peer.sockets.size === 0)
    for (const socket of peer.sockets) socket.write(refusal)
    await closed
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect(peer.connections()).toBe(2)
  })

  test.each(surplus)('%s', async (_name, bytes) => {
    const peer = await startPeer((heard) => (peer.heard.length === 1 ? heard.socket.write(bytes) : accept(heard)))
    const gateway = clientOf(peer.url)
    await gateway.submit(REQUEST)
    // the next request may leave in the very turn in which the first answer was read
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect(peer.connections()).toBe(2)
  })
})
