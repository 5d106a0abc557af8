import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { LIMITS, type ReceiverLimits } from '../../src/http/receiver-options.ts'
import { eventually } from '../support/eventually.ts'
import { bodyOf, LAST, type Line, open, PATH, request, say, signed, startReceiver, statuses } from './start.ts'

/** A hundredth of what is deployed. */
const SHORT: ReceiverLimits = { headersMs: 150, requestMs: 300, checkMs: 20, connections: LIMITS.connections }

/** No more than the system keeps waiting for a server to accept them: 511. */
const AT_ONCE = 400

/** Sends a byte now and then, as long as the other side listens. */
async function drip({ socket, ended }: Line, bytes: string): Promise<string> {
  let at = 0
  const timer = setInterval(() => {
    if (socket.writable) socket.write(bytes.charAt(at++ % bytes.length))
  }, 10)
  try {
    return await ended
  } finally {
    clearInterval(timer)
  }
}

/** @returns how the connection ended */
async function turnedAway(port: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  connect({ host: '127.0.0.1', port })
    .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    .on('close', () => resolve('closed'))
    .resume()
  return await promise
}

describe('who is slow is left:', () => {
  test('headers that do not end', async () => {
    const receiver = await startReceiver({ limits: SHORT })
    const line = await open(receiver.port)
    line.socket.write(`POST ${PATH} HTTP/1.1\r\nHost: a\r\n`)
    const answer = await drip(line, 'X: a\r\n')
    expect(statuses(answer)).toEqual([408])
    expect(bodyOf(answer)).toBe('{"ret_code":"1012","ret_msg":"Request Timeout"}')
    expect(receiver.log).toContainEqual(expect.objectContaining({ msg: 'a request was refused', status: 408 }))
  })

  test('a request line that does not end', async () => {
    const receiver = await startReceiver({ limits: SHORT })
    const line = await open(receiver.port)
    line.socket.write('POST /')
    expect(statuses(await drip(line, 'a'))).toEqual([408])
  })

  test('a body that does not end', async () => {
    const receiver = await startReceiver({ limits: SHORT })
    const line = await open(receiver.port)
    line.socket.write(request('', { headers: ['Host: a', 'Content-Type: text/json', 'Content-Length: 60000'] }))
    expect(statuses(await drip(line, ' '))).toEqual([408])
  })

  test('a body in chunks that does not end', async () => {
    const receiver = await startReceiver({ limits: SHORT })
    const line = await open(receiver.port)
    line.socket.write(request('', { headers: ['Host: a', 'Content-Type: text/json', 'Transfer-Encoding: chunked'] }))
    expect(statuses(await drip(line, '1\r\n \r\n'))).toEqual([408])
  })

  test('a connection that says nothing, which no line of the log tells of', async () => {
    const receiver = await startReceiver({ limits: SHORT })
    const { ended } = await open(receiver.port)
    expect(statuses(await ended)).toEqual([408])
    expect(receiver.log.filter(({ msg }) => msg === 'a request was refused')).toEqual([])
  })

  test('as deployed within a few seconds: less than the proxy of a deployment would wait', () => {
    expect(LIMITS.headersMs).toBeLessThanOrEqual(10_000)
    expect(LIMITS.requestMs).toBeLessThanOrEqual(10_000)
  })
})

describe('a true notification gets through', () => {
  test('while 10,000 idle connections were opened, of which some are kept and all others closed', async () => {
    const receiver = await startReceiver()
    const idle: Line[] = []
    for (let many = 0; many < 10_000 / AT_ONCE; many++) {
      idle.push(...(await Promise.all(Array.from({ length: AT_ONCE }, async () => await open(receiver.port)))))
      const answer = await say(receiver.port, request(signed(`idle-${many}`), { more: LAST }))
      expect(statuses(answer)).toEqual([200])
      expect(await receiver.connections()).toBeLessThanOrEqual(LIMITS.connections)
    }
    expect(idle).toHaveLength(10_000)
    expect(receiver.stored).toHaveLength(10_000 / AT_ONCE)
    await eventually(() =>
      expect(idle.filter(({ socket }) => !socket.destroyed).length).toBeLessThanOrEqual(LIMITS.connections),
    )
  })

  test('while more connections than are allowed hold half a request each', async () => {
    const receiver = await startReceiver({ limits: { ...LIMITS, connections: 20 } })
    for (let each = 0; each < 50; each++) {
      const { socket } = await open(receiver.port)
      socket.write(
        each % 2 === 0
          ? `POST ${PATH} HTTP/1.1\r\nX: a`
          : request('{', { headers: ['Host: a', 'Content-Type: text/json', 'Content-Length: 9'] }),
      )
    }
    expect(statuses(await say(receiver.port, request(signed('through'), { more: LAST })))).toEqual([200])
  })

  test('over a kept connection, which a flood of idle ones does not close', async () => {
    const receiver = await startReceiver({ limits: { ...LIMITS, connections: 20 } })
    const kept = await open(receiver.port)
    kept.socket.write(request(signed('before')))
    await eventually(() => expect(statuses(kept.received())).toEqual([200]))
    const idle = await Promise.all(Array.from({ length: 100 }, async () => await open(receiver.port)))
    await eventually(() => expect(idle.filter(({ socket }) => socket.destroyed)).toHaveLength(81))
    kept.socket.write(request(signed('after')))
    await eventually(() => expect(statuses(kept.received())).toEqual([200, 200]))
    expect(receiver.stored).toEqual(['before', 'after'])
  })

  test('that is being stored, which no flood of connections interrupts', async () => {
    const { promise: mayStore, resolve } = Promise.withResolvers<void>()
    const receiver = await startReceiver({
      limits: { ...LIMITS, connections: 5 },
      store: async () => {
        await mayStore
        return 'accepted'
      },
    })
    const waiting = Array.from({ length: 5 }, async (_, index) =>
      say(receiver.port, request(signed(`slow-${index}`), { more: LAST })),
    )
    await eventually(async () => expect(await receiver.connections()).toBe(5))
    await sleep(50)
    expect(await turnedAway(receiver.port)).toBe('ECONNRESET')
    resolve()
    expect((await Promise.all(waiting)).flatMap(statuses)).toEqual([200, 200, 200, 200, 200])
  })
})

test('the receiver stops although somebody drips bytes', async () => {
  const receiver = await startReceiver()
  const line = await open(receiver.port)
  line.socket.write(`POST ${PATH} HTTP/1.1\r\nHost: a\r\n`)
  const dripping = drip(line, 'X: a\r\n')
  const began = performance.now()
  await receiver.closed()
  expect(performance.now() - began).toBeLessThan(15_000)
  await dripping
}, 30_000)
