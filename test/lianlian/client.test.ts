import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { parseFlatMessage } from '../../src/lianlian/flat-message.ts'
import { verify } from '../../src/lianlian/signature.ts'
import { cleanUp } from '../support/clean-up.ts'
import { accept, clientOf, deadPort, GOOD, http, merchantKeys, startPeer } from './peer.ts'
import { keyPair, REQUEST } from './sample.ts'

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
