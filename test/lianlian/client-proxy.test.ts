import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { describe, expect, test, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { certificateFor } from './certificate.ts'
import { accept, clientOf, deadPort, startCounted, startPeer, startRaw } from './peer.ts'
import { startProxy, through } from './proxy.ts'
import { REQUEST } from './sample.ts'

const trusted = certificateFor({ ip: [127, 0, 0, 1] })
const unknown = certificateFor({ ip: [127, 0, 0, 1] })
const misnamed = certificateFor({ dns: 'elsewhere.example' })
const named = certificateFor({ dns: 'gateway.example' })
tls.setDefaultCACertificates([trusted.cert, misnamed.cert, named.cert])

const neverLeft = (code: string) => ({ kind: 'never_left', unreachable: true, reason: expect.stringContaining(code) })
const UNCLEAR = { kind: 'unclear', quarantine: 'full', fields: {}, reason: expect.any(String) }

describe('through a proxy', () => {
  test('calls go over one tunnel that is kept, and the proxy sees neither request nor answer', async () => {
    const peer = await startPeer(accept, { tls: trusted })
    const proxy = await startProxy(peer.port)
    const gateway = clientOf(peer.url, through(proxy.port))
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect((await gateway.query(REQUEST)).kind).toBe('found')
    expect([peer.heard.length, peer.connections(), proxy.heads.length]).toEqual([2, 1, 1])
    expect(proxy.heads[0]).toMatch(new RegExp(`^CONNECT 127\\.0\\.0\\.1:${peer.port} HTTP/1\\.1\\r\\n`))
    expect(proxy.heads[0]).not.toMatch(/authorization/i)
    expect(proxy.carried().includes(REQUEST.no_refund)).toBe(false)
    gateway.close()
    await eventually(() => proxy.tunnels.size === 0)
  })

  test('the name of the gateway is looked up by the proxy, and its certificate must bear that name', async () => {
    const peer = await startPeer(accept, { tls: named })
    const proxy = await startProxy(peer.port)
    expect((await clientOf('https://gateway.example', through(proxy.port)).submit(REQUEST)).kind).toBe('accepted')
    expect(proxy.heads[0]).toMatch(/^CONNECT gateway\.example:443 HTTP/)
    const outcome = await clientOf('https://other.example', through(proxy.port)).submit(REQUEST)
    expect(outcome).toEqual(neverLeft('ERR_TLS_CERT_ALTNAME_INVALID'))
    expect(peer.heard).toHaveLength(1)
  })

  test('a gateway with an IPv6 address is asked for in brackets', async () => {
    const peer = await startPeer(accept)
    const proxy = await startProxy(peer.port)
    expect((await clientOf('http://[::1]:8443', through(proxy.port)).submit(REQUEST)).kind).toBe('accepted')
    expect(proxy.heads[0]).toMatch(/^CONNECT \[::1\]:8443 HTTP/)
  })

  test('user and password go to the proxy alone, unescaped, and a plain gateway is tunnelled too', async () => {
    const peer = await startPeer(accept)
    const proxy = await startProxy(peer.port)
    const outcome = await clientOf(peer.url, through(proxy.port, 'sr%40e:p%3Aa%C3%9F@')).submit(REQUEST)
    expect(outcome.kind).toBe('accepted')
    const [, credentials = ''] = /^Proxy-Authorization: Basic (\S+)/im.exec(proxy.heads[0] ?? '') ?? []
    expect(Buffer.from(credentials, 'base64').toString()).toBe('sr@e:p:aß')
    expect(proxy.carried().toString()).not.toMatch(/proxy-authorization/i)
  })

  test('a reset after the request is unclear', async () => {
    const peer = await startPeer(({ socket }) => socket.destroy(), { tls: trusted })
    const proxy = await startProxy(peer.port)
    expect(await clientOf(peer.url, through(proxy.port)).submit(REQUEST)).toEqual(UNCLEAR)
    expect(peer.heard).toHaveLength(1)
  })

  test('the claim is asked about once the tunnel and the handshake stand', async () => {
    const peer = await startPeer(accept, { tls: trusted })
    const proxy = await startProxy(peer.port)
    const outcome = await clientOf(peer.url, through(proxy.port)).submit(REQUEST, () => false)
    expect(outcome).toEqual({ kind: 'never_left', unreachable: false, reason: 'claim expired' })
    expect(peer.bytes()).toBe(0)
  })

  test('a hundred calls at once each get a tunnel and their answer', async () => {
    const peer = await startPeer((heard) => setTimeout(() => accept(heard), 20), { tls: trusted })
    const proxy = await startProxy(peer.port)
    const gateway = clientOf(peer.url, through(proxy.port))
    const outcomes = await Promise.all(Array.from({ length: 100 }, async () => gateway.submit(REQUEST)))
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(100)
  })
})

describe('a proxy that makes no tunnel means never left, and the gateway hears nothing', () => {
  const answering = (text: string) => (socket: net.Socket) => {
    socket.once('data', () => socket.write(text))
  }
  const proxies: readonly (readonly [string, string, (socket: net.Socket) => void])[] = [
    ['asks for a password', 'PROXY_ANSWERED_407', answering('HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic\r\n\r\n')],
    ['cannot reach the gateway', 'PROXY_ANSWERED_502', answering('HTTP/1.1 502 Bad Gateway\r\n\r\n<html>')],
    ['redirects', 'PROXY_ANSWERED_302', answering('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n')],
    ['says 100 only', 'PROXY_ANSWERED_100', answering('HTTP/1.1 100 Continue\r\n\r\n'.repeat(50))],
    ['says 204', 'PROXY_ANSWERED_204', answering('HTTP/1.1 204 No Content\r\n\r\n')],
    [
      'changes the protocol',
      'PROXY_ANSWERED_101',
      answering('HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    ],
    ['speaks another protocol', 'PROXY_HPE_', answering('SSH-2.0-OpenSSH\r\n')],
    ['sends an endless head', 'PROXY_HPE_HEADER_OVERFLOW', answering(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`)],
    ['goes on talking', 'PROXY_SPOKE_FIRST', answering('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')],
    ['closes', 'PROXY_ECONNRESET', (socket) => socket.once('data', () => socket.end())],
    ['resets', 'PROXY_ECONNRESET', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['tunnels and closes', 'ECONNRESET', (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'))],
    [
      'tunnels to something that speaks no TLS',
      'ERR_SSL_',
      (socket) => {
        socket.once('data', () => {
          socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
          socket.write('HTTP/1.1 200 OK\r\n\r\n')
        })
      },
    ],
  ]
  test.each(proxies)('one that %s: %s', async (_name, code, onConnection) => {
    const port = await startRaw(onConnection)
    const gateway = clientOf('https://gateway.example', through(port))
    const start = performance.now()
    expect(await gateway.submit(REQUEST)).toEqual(neverLeft(code))
    expect(performance.now() - start).toBeLessThan(4000)
    expect(await gateway.query(REQUEST)).toMatchObject({ kind: 'inconclusive', unreachable: true })
  })

  test.each([
    ['says nothing', (socket: net.Socket) => socket.resume()],
    ['says nothing more once the tunnel stands', answering('HTTP/1.1 200 OK\r\n\r\n')],
    ['drips', drip],
  ])('one that %s: within the time of the call', async (_name, onConnection) => {
    const { port, open } = await startCounted(onConnection)
    const mayWrite = vi.fn<() => boolean>(() => true)
    const start = performance.now()
    const gateway = clientOf('https://gateway.example', { ...through(port), timeoutMs: 200 })
    expect(await gateway.submit(REQUEST, mayWrite)).toEqual(neverLeft('ETIMEDOUT'))
    expect(performance.now() - start).toBeLessThan(3000)
    expect(mayWrite).not.toHaveBeenCalled()
    await eventually(() => open() === 0)
  })

  test('one that is not there', async () => {
    const gateway = clientOf('https://gateway.example', through(await deadPort()))
    expect(await gateway.submit(REQUEST)).toEqual(neverLeft('PROXY_ECONNREFUSED'))
  })

  test('one that answers in the gateway’s place, under a certificate of its own', async () => {
    const peer = await startPeer(accept, { tls: unknown })
    const proxy = await startProxy(peer.port)
    const outcome = await clientOf('https://127.0.0.1', through(proxy.port)).submit(REQUEST)
    expect(outcome).toEqual(neverLeft('DEPTH_ZERO_SELF_SIGNED_CERT'))
    expect(peer.bytes()).toBe(0)
  })

  test('one that is still asked when the client is closed', async () => {
    const { port, open } = await startCounted((socket) => socket.resume())
    const gateway = clientOf('https://gateway.example', through(port))
    const submitted = gateway.submit(REQUEST)
    await eventually(() => open() === 1)
    gateway.close()
    expect(await submitted).toMatchObject({ kind: 'never_left' })
    await eventually(() => open() === 0)
  })

  test('no reason tells the password of the proxy', async () => {
    const port = await startRaw(answering('HTTP/1.1 407 Auth\r\n\r\n'))
    const outcomes = await Promise.all([
      clientOf('https://gateway.example', through(port, 'sre:hunter2@')).submit(REQUEST),
      clientOf('https://gateway.example', through(await deadPort(), 'sre:hunter2@')).submit(REQUEST),
    ])
    expect(JSON.stringify(outcomes)).not.toMatch(/hunter2|c3JlOmh1bnRlcjI/)
  })
})

async function drip(socket: net.Socket): Promise<void> {
  socket.resume()
  for (const character of 'HTTP/1.1 200 Connection established') {
    if (socket.destroyed) return
    socket.write(character)
    await sleep(20)
  }
}
