import { createHash, type KeyPairKeyObjectResult } from 'node:crypto'
import { once } from 'node:events'
import https from 'node:https'
import tls from 'node:tls'
import { describe, expect, test, vi } from 'vitest'
import { connectedAgents } from '../../src/lianlian/connected-agent.ts'
import { cleanUp } from '../support/clean-up.ts'
import { certificateFor, ecKeys } from './certificate.ts'
import { accept, clientOf, GOOD, http, startPeer } from './peer.ts'
import { startProxy, through } from './proxy.ts'
import { REQUEST } from './sample.ts'

const LOCAL = { ip: [127, 0, 0, 1] }
const keys = ecKeys()
const trusted = certificateFor(LOCAL, { keys })
const renewed = certificateFor(LOCAL, { keys })
const other = certificateFor(LOCAL)
const unlisted = certificateFor(LOCAL, { keys })
tls.setDefaultCACertificates([trusted.cert, renewed.cert, other.cert])

const pinOf = ({ publicKey }: Pick<KeyPairKeyObjectResult, 'publicKey'>): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
const PIN = pinOf(keys)
const ANOTHER = pinOf(ecKeys())
const neverLeft = (code: string) => ({ kind: 'never_left', unreachable: true, reason: expect.stringContaining(code) })
const MISMATCH = neverLeft('PINNED_KEY_MISMATCH')

describe('a pinned key', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('lets a gateway that has it be spoken to, with %s', async (version) => {
    const peer = await startPeer(accept, { tls: { ...trusted, minVersion: version, maxVersion: version } })
    expect((await clientOf(peer.url, { pinnedKeys: [PIN] }).submit(REQUEST)).kind).toBe('accepted')
  })

  test('is the key’s and not the certificate’s, and may be one of several', async () => {
    const peer = await startPeer(accept, { tls: renewed })
    expect((await clientOf(peer.url, { pinnedKeys: [ANOTHER, PIN] }).submit(REQUEST)).kind).toBe('accepted')
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'of another: a gateway with a good certificate hears not one byte, with %s',
    async (version) => {
      const options = { ...other, minVersion: version, maxVersion: version }
      const peer = await startPeer(accept, { tls: options })
      const mayWrite = vi.fn<() => boolean>(() => true)
      const gateway = clientOf(peer.url, { pinnedKeys: [PIN, ANOTHER] })
      for (let call = 0; call < 3; call += 1) expect(await gateway.submit(REQUEST, mayWrite)).toEqual(MISMATCH)
      expect(await gateway.query(REQUEST)).toMatchObject({ kind: 'inconclusive', unreachable: true })
      expect(mayWrite).not.toHaveBeenCalled()
      expect(peer.bytes()).toBe(0)
    },
  )

  test('does not do instead of a certificate that is trusted', async () => {
    const peer = await startPeer(accept, { tls: unlisted })
    const outcome = await clientOf(peer.url, { pinnedKeys: [PIN] }).submit(REQUEST)
    expect(outcome).toEqual(neverLeft('DEPTH_ZERO_SELF_SIGNED_CERT'))
    expect(peer.bytes()).toBe(0)
  })

  test('is looked for through a proxy too', async () => {
    const peer = await startPeer(accept, { tls: trusted })
    const proxy = await startProxy(peer.port)
    const right = clientOf(peer.url, { ...through(proxy.port), pinnedKeys: [PIN] })
    expect((await right.submit(REQUEST)).kind).toBe('accepted')
    const wrong = clientOf(peer.url, { ...through(proxy.port), pinnedKeys: [ANOTHER] })
    expect(await wrong.submit(REQUEST)).toEqual(MISMATCH)
    expect(peer.heard).toHaveLength(1)
  })

  test('cannot be had without TLS, so nothing is sent, straight or through a proxy', async () => {
    const peer = await startPeer(accept)
    const proxy = await startProxy(peer.port)
    expect(await clientOf(peer.url, { pinnedKeys: [PIN] }).submit(REQUEST)).toEqual(MISMATCH)
    const tunnelled = clientOf(peer.url, { ...through(proxy.port), pinnedKeys: [PIN] })
    expect(await tunnelled.submit(REQUEST)).toEqual(MISMATCH)
    expect(peer.bytes()).toBe(0)
  })

  test('is found on every new connection: no session is resumed, for that shows no key', async () => {
    const peer = await startPeer(({ socket }) => socket.end(http(GOOD, ['Connection: close'])), { tls: trusted })
    const agents = connectedAgents({ connectTimeoutMs: 5000, pinnedKeys: [PIN] })
    cleanUp(agents.destroy)
    const resumed: boolean[] = []
    for (let call = 0; call < 2; call += 1) {
      const request = https.request(peer.url, { agent: agents.https, headers: { 'content-length': 0 }, method: 'POST' })
      request.once('socket', (socket) => resumed.push(socket instanceof tls.TLSSocket && socket.isSessionReused()))
      request.end()
      const [response] = await once(request, 'response')
      response.resume()
      await once(request, 'close')
    }
    expect(resumed).toEqual([false, false])
    expect(peer.heard).toHaveLength(2)
  })
})

describe('certificate authorities of our own', () => {
  test('are trusted in place of the system’s', async () => {
    const ours = await startPeer(accept, { tls: unlisted })
    const systems = await startPeer(accept, { tls: trusted })
    const ca = unlisted.cert
    expect((await clientOf(ours.url, { ca }).submit(REQUEST)).kind).toBe('accepted')
    expect(await clientOf(systems.url, { ca }).submit(REQUEST)).toEqual(neverLeft('DEPTH_ZERO_SELF_SIGNED_CERT'))
    expect(systems.bytes()).toBe(0)
  })

  test('may be several in one text', async () => {
    const peer = await startPeer(accept, { tls: unlisted })
    expect((await clientOf(peer.url, { ca: other.cert + unlisted.cert }).submit(REQUEST)).kind).toBe('accepted')
  })

  test('do not make an expired certificate good', async () => {
    const expired = certificateFor(LOCAL, { expired: true })
    const peer = await startPeer(accept, { tls: expired })
    expect(await clientOf(peer.url, { ca: expired.cert }).submit(REQUEST)).toEqual(neverLeft('CERT_HAS_EXPIRED'))
    expect(peer.bytes()).toBe(0)
  })
})
