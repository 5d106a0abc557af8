import { once } from 'node:events'
import https from 'node:https'
import tls from 'node:tls'
import { describe, expect, test, vi } from 'vitest'
import { connectedAgents } from '../../src/lianlian/connected-agent.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { certificateFor } from './certificate.ts'
import { accept, clientOf, startCounted, startPeer, startRaw } from './peer.ts'
import { REQUEST } from './sample.ts'

const trusted = certificateFor({ ip: [127, 0, 0, 1] })
const misnamed = certificateFor({ dns: 'elsewhere.example' })
const unknown = certificateFor({ ip: [127, 0, 0, 1] })
const expired = certificateFor({ ip: [127, 0, 0, 1] }, { expired: true })
tls.setDefaultCACertificates([trusted.cert, misnamed.cert, expired.cert])

const UNREACHABLE = { kind: 'never_left', unreachable: true, reason: expect.any(String) }
const UNCLEAR = { kind: 'unclear', quarantine: 'full', fields: {}, reason: expect.any(String) }

describe('over TLS', () => {
  test('a call works, and the connection is kept', async () => {
    const peer = await startPeer(accept, { tls: trusted })
    const gateway = clientOf(peer.url)
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect((await gateway.query(REQUEST)).kind).toBe('found')
    expect([peer.heard.length, peer.connections()]).toEqual([2, 1])
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('a reset after the request is unclear with %s', async (version) => {
    const options = { ...trusted, minVersion: version, maxVersion: version }
    const peer = await startPeer(({ socket }) => socket.destroy(), { tls: options })
    expect(await clientOf(peer.url).submit(REQUEST)).toEqual(UNCLEAR)
    expect(peer.heard).toHaveLength(1)
  })

  test('a reset of a kept connection is unclear', async () => {
    const peer = await startPeer((heard) => (heard.nth === 1 ? accept(heard) : heard.socket.destroy()), {
      tls: trusted,
    })
    const gateway = clientOf(peer.url)
    expect((await gateway.submit(REQUEST)).kind).toBe('accepted')
    expect(await gateway.submit(REQUEST)).toEqual(UNCLEAR)
  })
})

describe('a handshake that fails means never left, and not one byte of the request is sent', () => {
  test.each([
    ['an unknown issuer', unknown],
    ['the name of another host', misnamed],
    ['a certificate that has expired', expired],
    ['TLS 1.1', { ...trusted, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const],
  ])('%s', async (_name, options) => {
    const peer = await startPeer(accept, { tls: options })
    const gateway = clientOf(peer.url)
    expect(await gateway.submit(REQUEST)).toEqual(UNREACHABLE)
    expect(await gateway.query(REQUEST)).toMatchObject({ kind: 'inconclusive', unreachable: true })
    await eventually(() => peer.sockets.size === 0)
    expect(peer.bytes()).toBe(0)
  })

  test('an unknown issuer too when the environment switches certificate checks off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const peer = await startPeer(accept, { tls: unknown })
    expect(await clientOf(peer.url).submit(REQUEST)).toEqual(UNREACHABLE)
    vi.unstubAllEnvs()
    expect(peer.bytes()).toBe(0)
  })

  test('a gateway that speaks plain HTTP', async () => {
    const port = await startRaw((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    expect(await clientOf(`https://127.0.0.1:${port}`).submit(REQUEST)).toEqual(UNREACHABLE)
  })

  test.each([
    ['closes', 'end'],
    ['resets', 'resetAndDestroy'],
  ] as const)('a gateway that %s at the first bytes', async (_name, ends) => {
    const port = await startRaw((socket) => socket.once('data', () => socket[ends]()))
    expect(await clientOf(`https://127.0.0.1:${port}`).submit(REQUEST)).toEqual(UNREACHABLE)
  })

  test('a gateway that takes the connection and says nothing: within the time of the call', async () => {
    const { port, open } = await startCounted((socket) => socket.resume())
    const mayWrite = vi.fn<() => boolean>(() => true)
    const start = performance.now()
    const gateway = clientOf(`https://127.0.0.1:${port}`, { timeoutMs: 200 })
    expect(await gateway.submit(REQUEST, mayWrite)).toEqual({
      ...UNREACHABLE,
      reason: expect.stringContaining('ETIMEDOUT'),
    })
    expect(performance.now() - start).toBeLessThan(3000)
    expect(mayWrite).not.toHaveBeenCalled()
    await eventually(() => open() === 0)
  })

  test('a client that is closed meanwhile', async () => {
    const { port, open } = await startCounted((socket) => socket.resume())
    const gateway = clientOf(`https://127.0.0.1:${port}`)
    const submitted = gateway.submit(REQUEST)
    await eventually(() => open() === 1)
    const start = performance.now()
    gateway.close()
    expect(await submitted).toMatchObject({ kind: 'never_left' })
    expect(performance.now() - start).toBeLessThan(4000)
  })
})

describe('the agents', () => {
  test('check certificates by themselves, whatever the environment says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const peer = await startPeer(accept, { tls: unknown })
    const agents = connectedAgents({ connectTimeoutMs: 5000 })
    cleanUp(agents.destroy)
    const request = https.request(peer.url, { agent: agents.https })
    request.end('x')
    const [error] = await once(request, 'error')
    vi.unstubAllEnvs()
    expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(peer.bytes()).toBe(0)
  })
})

describe('the claim', () => {
  test('is asked about after the handshake, right before the request is written', async () => {
    const peer = await startPeer(accept, { tls: trusted })
    let handshakes = -1
    const outcome = await clientOf(peer.url).submit(REQUEST, () => {
      handshakes = peer.connections()
      return true
    })
    expect(outcome.kind).toBe('accepted')
    const late = await clientOf(peer.url).submit(REQUEST, () => false)
    expect(late).toEqual({ kind: 'never_left', unreachable: false, reason: 'claim expired' })
    expect(handshakes).toBeGreaterThanOrEqual(0)
    expect(peer.heard).toHaveLength(1)
  })
})
