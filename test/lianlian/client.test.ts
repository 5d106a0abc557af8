import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { parseFlatMessage } from '../../src/lianlian/flat-message.ts'
import { verify } from '../../src/lianlian/signature.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import {
  accept,
  clientOf,
  deadPort,
  GOOD,
  type Heard,
  http,
  lianlian,
  merchantKeys,
  startPeer,
  startRaw,
} from './peer.ts'
import { ACCEPTED, keyPair, REQUEST, signedBody } from './sample.ts'

const UNREACHABLE = { kind: 'never_left', unreachable: true, reason: expect.any(String) }
const UNCLEAR = { kind: 'unclear', quarantine: 'full', fields: {}, reason: expect.any(String) }
const LIMIT = 64 * 1024

describe('a call that works', () => {
  test('posts signed JSON to the URL of its kind, and reads the answer', async () => {
    const peer = await startPeer(accept)
    const gateway = clientOf(peer.url)
    expect(await gateway.submit(REQUEST)).toMatchObject({ kind: 'accepted', fields: { sta_refund: '1' } })
    expect(await gateway.submit({ ...REQUEST, kind: 'exchange' })).toMatchObject({ kind: 'accepted' })
    expect(await gateway.query(REQUEST)).toMatchObject({ kind: 'found', fen: 20001 })
    expect(peer.heard.map(({ head }) => head.split('\r\n')[0])).toEqual([
      'POST /refund.htm HTTP/1.1',
      'POST /exchangerefund.htm HTTP/1.1',
      'POST /refundquery.htm HTTP/1.1',
    ])
    for (const { head, body } of peer.heard) {
      expect(head.toLowerCase()).toContain('\r\ncontent-type: application/json;charset=utf-8\r\n')
      expect(head.toLowerCase()).not.toContain('accept-encoding')
      const parsed = parseFlatMessage(body)
      expect(parsed.ok && verify(parsed.message, merchantKeys)).toBe(true)
    }
  })

  test('keeps its connection for the next call', async () => {
    const peer = await startPeer(accept)
    const gateway = clientOf(peer.url)
    for (let call = 0; call < 5; call += 1) expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect([peer.heard.length, peer.connections()]).toEqual([5, 1])
  })

  test('takes an answer that ends with its connection, in pieces, or in chunks', async () => {
    const chunks = GOOD.match(/.{1,40}/gs) ?? []
    const forms = [
      `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${GOOD}`,
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks
        .map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`)
        .join('')}0\r\n\r\n`,
    ]
    for (const form of forms) {
      const bytes = Buffer.from(form)
      const peer = await startPeer(({ socket }) => {
        socket.write(bytes.subarray(0, 300), () => setTimeout(() => socket.end(bytes.subarray(300)), 20))
      })
      expect((await clientOf(peer.url).submit(REQUEST)).kind).toBe('accepted')
    }
  })

  test('takes a body of exactly the largest size', async () => {
    const padded = (size: number): string => GOOD + ' '.repeat(size - Buffer.byteLength(GOOD))
    const peer = await startPeer(({ socket, nth }) => socket.write(http(padded(LIMIT + nth - 1))))
    const gateway = clientOf(peer.url)
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect(await gateway.submit(REQUEST)).toEqual(UNCLEAR)
  })
})

describe('a submit never left', () => {
  test('when the connection is refused', async () => {
    const gateway = clientOf(`http://127.0.0.1:${await deadPort()}`)
    expect(await gateway.submit(REQUEST)).toEqual({ ...UNREACHABLE, reason: expect.stringContaining('ECONNREFUSED') })
    expect(await gateway.query(REQUEST)).toMatchObject({ kind: 'inconclusive', unreachable: true })
  })

  test('when every address of the host refuses', async () => {
    const gateway = clientOf(`http://localhost:${await deadPort()}`)
    expect(await gateway.submit(REQUEST)).toEqual(UNREACHABLE)
  })

  test('when the name does not resolve', async () => {
    expect(await clientOf('http://no-such-host.invalid').submit(REQUEST)).toEqual(UNREACHABLE)
  })

  test('when the claim has expired, on a new connection and on a kept one: not one byte is written', async () => {
    const peer = await startPeer(accept)
    const gateway = clientOf(peer.url)
    const expired = { kind: 'never_left', unreachable: false, reason: 'claim expired' }
    expect(await gateway.submit(REQUEST, () => false)).toEqual(expired)
    expect(peer.bytes()).toBe(0)

    expect((await gateway.submit(REQUEST, () => true)).kind).toBe('accepted')
    const bytes = peer.bytes()
    expect(await gateway.submit(REQUEST, () => false)).toEqual(expired)
    await sleep(50)
    expect(peer.bytes()).toBe(bytes)
  })

  test('when the process stood still while connecting and the claim expired meanwhile', async () => {
    const peer = await startPeer(accept)
    let expired = false
    const standStill = (): void => {
      // The connection is under way; it is up before the event loop turns again.
      const until = performance.now() + 100
      while (performance.now() < until);
      expired = true
    }
    const onSocket = (): void => process.nextTick(standStill)
    subscribe('net.client.socket', onSocket)
    cleanUp(() => unsubscribe('net.client.socket', onSocket))
    const outcome = await clientOf(peer.url).submit(REQUEST, () => !expired)
    expect(outcome).toEqual({ kind: 'never_left', unreachable: false, reason: 'claim expired' })
    await sleep(50)
    expect([peer.connections(), peer.bytes()]).toEqual([1, 0])
  })

  test('when the check of the claim itself fails', async () => {
    const peer = await startPeer(accept)
    const outcome = await clientOf(peer.url).submit(REQUEST, () => {
      throw new Error('bug')
    })
    expect(outcome).toMatchObject({ kind: 'never_left', unreachable: false })
    expect(peer.bytes()).toBe(0)
  })

  test('when it cannot be signed, and says nothing of the key', async () => {
    const peer = await startPeer(accept)
    const privateKey = {
      ...keyPair().privateKey,
      sign: () => {
        throw new Error('bad key MIIEvQ...')
      },
    }
    const gateway = clientOf(peer.url, { privateKey })
    expect(await gateway.submit(REQUEST)).toEqual({ kind: 'never_left', unreachable: false, reason: 'signing failed' })
    expect(await gateway.query(REQUEST)).toMatchObject({ kind: 'inconclusive', unreachable: false })
    expect(peer.connections()).toBe(0)
  })

  test('when the client is closed, and asks for no connection', async () => {
    const peer = await startPeer(accept)
    const gateway = clientOf(peer.url)
    gateway.close()
    expect(await gateway.submit(REQUEST)).toMatchObject({ kind: 'never_left', unreachable: false })
    expect(peer.connections()).toBe(0)
  })
})

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
    for (const socket of peer.sockets) socket.resetAndDestroy()
    // In the same turn of the event loop: the client cannot have noticed yet.
    expect(await gateway.submit(REQUEST)).toEqual(UNCLEAR)
    expect(peer.heard).toHaveLength(1)
  })

  test('when the client is closed while the answer is awaited', async () => {
    const peer = await startPeer(() => {})
    const gateway = clientOf(peer.url)
    const submitted = gateway.submit(REQUEST)
    await eventually(() => peer.heard.length === 1)
    gateway.close()
    expect(await submitted).toEqual(UNCLEAR)
  })
})

describe('the connection', () => {
  test('is dropped when it has been idle for a while, but not while an answer is awaited for longer', async () => {
    const idle = await startPeer(accept)
    const slow = await startPeer((heard) => setTimeout(() => accept(heard), 4500))
    await clientOf(idle.url).submit(REQUEST)
    const answered = clientOf(slow.url, { timeoutMs: 15_000 }).submit(REQUEST)
    await eventually(() => idle.sockets.size === 0, { timeoutMs: 8000 })
    expect((await answered).kind).toBe('accepted')
  })

  const refusal = http(JSON.stringify({ ret_code: '5003', ret_msg: 'not for you' }))
  test.each([
    ['together with another', ({ socket }: Heard) => socket.write(Buffer.concat([http(GOOD), refusal]))],
    [
      'while nothing was asked',
      ({ socket }: Heard) => {
        socket.write(http(GOOD))
        setTimeout(() => socket.write(refusal), 20)
      },
    ],
  ])('is given up when an answer comes %s: it is never taken for that of the next call', async (_name, answer) => {
    const peer = await startPeer((heard) => (peer.heard.length === 1 ? answer(heard) : accept(heard)))
    const gateway = clientOf(peer.url)
    await gateway.submit(REQUEST)
    await sleep(100)
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect(peer.connections()).toBe(2)
  })

  test('is not kept when the gateway says close', async () => {
    const peer = await startPeer(({ socket }) => socket.write(http(GOOD, ['Connection: close'])))
    const gateway = clientOf(peer.url)
    await gateway.submit(REQUEST)
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect(peer.connections()).toBe(2)
  })

  test('goes straight to the gateway, whatever proxy the environment names', async () => {
    const peer = await startPeer(accept)
    const proxied = vi.fn<() => void>()
    const port = await startRaw((socket) => {
      proxied()
      socket.destroy()
    })
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy']) vi.stubEnv(name, `http://127.0.0.1:${port}`)
    expect((await clientOf(peer.url).submit(REQUEST)).kind).toBe('accepted')
    vi.unstubAllEnvs()
    expect(proxied).not.toHaveBeenCalled()
  })

  test('serves many calls at once, each with its own answer', async () => {
    const peer = await startPeer(({ body, socket }) => {
      const { no_refund }: { no_refund: string } = JSON.parse(body)
      const answer = http(signedBody({ ...ACCEPTED, no_refund, oid_refundno: no_refund }, lianlian.privateKey))
      setTimeout(() => socket.write(answer), Math.random() * 30)
    })
    const gateway = clientOf(peer.url)
    const numbers = Array.from({ length: 100 }, (_, at) => `R${at}`)
    const outcomes = await Promise.all(numbers.map(async (no_refund) => gateway.submit({ ...REQUEST, no_refund })))
    expect(outcomes.map((outcome) => outcome.kind === 'accepted' && outcome.fields.oid_refundno)).toEqual(numbers)
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
