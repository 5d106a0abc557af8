import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { accept, clientOf, GOOD, type Heard, http, lianlian, startPeer, startRaw } from './peer.ts'
import { ACCEPTED, REQUEST, signedBody } from './sample.ts'

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
