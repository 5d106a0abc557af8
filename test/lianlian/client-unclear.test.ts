import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { accept, clientOf, GOOD, type Heard, http, lianlian, startPeer } from './peer.ts'
import { ACCEPTED, keyPair, REQUEST, signedBody } from './sample.ts'

const UNCLEAR = { kind: 'unclear', quarantine: 'full', fields: {}, reason: expect.any(String) }
const LIMIT = 64 * 1024

describe('a submit is unclear, and sent once only', () => {
  const answers: readonly (readonly [string, (heard: Heard) => void])[] = [
    ['the connection is reset before the answer', ({ socket }) => socket.resetAndDestroy()],
    ['the connection is closed before the answer', ({ socket }) => socket.end()],
    ['the connection is closed inside the head', ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
    ['the connection is closed inside the body', ({ socket }) => socket.end(http(GOOD).subarray(0, -10))],
    [
      'the connection is reset inside the body',
      ({ socket }) => socket.write(http(GOOD).subarray(0, -10), () => socket.resetAndDestroy()),
    ],
    [
      'the last chunk is missing',
      ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":`),
    ],
    ['the answer is not HTTP', ({ socket }) => socket.end('SSH-2.0-OpenSSH\r\n')],
    ['the head is endless', ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`)],
    ['the status is 500 with a good body', ({ socket }) => socket.write(http(GOOD, [], '500 Internal Server Error'))],
    ['the status is 429 with Retry-After', ({ socket }) => socket.write(http('', ['Retry-After: 0'], '429 Too Many'))],
    ['the status is 503 with Retry-After', ({ socket }) => socket.write(http('', ['Retry-After: 0'], '503 Busy'))],
    ['the status is 204', ({ socket }) => socket.write('HTTP/1.1 204 No Content\r\n\r\n')],
    [
      'another protocol is offered',
      ({ socket }) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    ],
    ['the body is empty', ({ socket }) => socket.write(http(''))],
    ['the body is HTML', ({ socket }) => socket.write(http('<html></html>'))],
    ['the JSON is cut', ({ socket }) => socket.write(http(GOOD.slice(0, -1)))],
    ['the bytes are not UTF-8', ({ socket }) => socket.write(http(Buffer.from(GOOD.replaceAll('交', 'é'), 'latin1')))],
    ['the body is packed', ({ socket }) => socket.write(http(gzipSync(GOOD), ['Content-Encoding: gzip']))],
    [
      'the body is packed more than once',
      ({ socket }) => socket.write(http(gzipSync(gzipSync(GOOD)), ['Content-Encoding: gzip, gzip'])),
    ],
    ['the signature is of another key', ({ socket }) => socket.write(http(signedBody(ACCEPTED, keyPair().privateKey)))],
    ['0000 is not signed', ({ socket }) => socket.write(http(JSON.stringify(ACCEPTED)))],
    [
      'the answer is that of another refund',
      ({ socket }) => socket.write(http(signedBody({ ...ACCEPTED, no_refund: 'other' }, lianlian.privateKey))),
    ],
    [
      'a length over the limit is announced',
      ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LIMIT + 1}\r\n\r\n{`),
    ],
    ['the body does not end', ({ socket }) => pour(socket)],
  ]

  test.each(answers)('when %s', async (_name, answer) => {
    const peer = await startPeer(answer)
    const gateway = clientOf(peer.url)
    const start = performance.now()
    expect(await gateway.submit(REQUEST)).toEqual(UNCLEAR)
    // Under the time-out of the call: none of these has to wait for it.
    expect(performance.now() - start).toBeLessThan(4000)
    expect(await gateway.query(REQUEST)).toMatchObject({ kind: 'inconclusive', unreachable: false, fields: {} })
    expect(peer.heard).toHaveLength(2)
    gateway.close()
    await eventually(() => peer.sockets.size === 0)
  })

  const silences: readonly (readonly [string, (heard: Heard) => void])[] = [
    ['no head comes', () => {}],
    ['the head stops', ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-')],
    ['the body stops', ({ socket }) => socket.write(http(GOOD).subarray(0, -10))],
    ['the body comes a byte at a time', ({ socket }) => drip(socket)],
    ['only interim answers come', ({ socket }) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(3))],
  ]

  test.each(silences)('when %s within the time of the whole call', async (_name, answer) => {
    const peer = await startPeer(answer)
    const start = performance.now()
    expect(await clientOf(peer.url, { timeoutMs: 200 }).submit(REQUEST)).toEqual({
      ...UNCLEAR,
      reason: expect.stringContaining('ETIMEDOUT'),
    })
    expect(performance.now() - start).toBeGreaterThanOrEqual(190)
    expect(performance.now() - start).toBeLessThan(3000)
    await eventually(() => peer.sockets.size === 0)
    expect(peer.heard).toHaveLength(1)
  })

  test.each(['301', '302', '303', '307', '308'])(
    'when it is redirected by %s, which nobody follows',
    async (status) => {
      const elsewhere = await startPeer(accept)
      const location = `Location: ${elsewhere.url}/refund.htm`
      const peer = await startPeer(({ socket }) => socket.write(http(GOOD, [location], `${status} Moved`)))
      expect(await clientOf(peer.url).submit(REQUEST)).toEqual(UNCLEAR)
      expect(elsewhere.connections()).toBe(0)
    },
  )

  test('when a kept connection is reset by the next request', async () => {
    const peer = await startPeer((heard) => (heard.nth === 1 ? accept(heard) : heard.socket.resetAndDestroy()))
    const gateway = clientOf(peer.url)
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect(await gateway.submit(REQUEST)).toEqual(UNCLEAR)
    expect([peer.heard.length, peer.connections()]).toEqual([2, 1])
  })

  test('when a kept connection was closed by the gateway at the very moment of writing', async () => {
    const peer = await startPeer(accept)
    const gateway = clientOf(peer.url)
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    // Asked in the turn of the event loop that writes: the client cannot have noticed yet.
    const closing = () => {
      for (const socket of peer.sockets) socket.resetAndDestroy()
      return true
    }
    expect(await gateway.submit(REQUEST, closing)).toEqual(UNCLEAR)
    expect(peer.heard).toHaveLength(1)
  })

  test('when the client is closed while the answer is awaited', async () => {
    const peer = await startPeer(() => {})
    const gateway = clientOf(peer.url)
    const submitted = gateway.submit(REQUEST)
    await eventually(() => peer.heard.length === 1)
    const start = performance.now()
    gateway.close()
    expect(await submitted).toEqual(UNCLEAR)
    expect(performance.now() - start).toBeLessThan(4000)
  })
})

function pour(socket: Heard['socket']): void {
  socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
  const piece = `4000\r\n${' '.repeat(0x4000)}\r\n`
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
    socket.once('drain', more)
  }
  more()
}

function drip(socket: Heard['socket']): void {
  const bytes = http(GOOD)
  let at = 0
  const timer = setInterval(() => {
    if (socket.destroyed || at === bytes.length) clearInterval(timer)
    else socket.write(bytes.subarray(at, at + 1))
    at += 1
  }, 20)
}
