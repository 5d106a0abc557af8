import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import {
  ACKNOWLEDGED,
  bodyOf,
  forged,
  LAST,
  open,
  type Receiver,
  request,
  say,
  signed,
  startReceiver,
  statuses,
} from './start.ts'

/** The receiver knows its senders by what this proxy, which is the test, says. */
const PROXIED = { trustProxy: ['127.0.0.1'] }
const FORGER = '192.0.2.66'
const OTHER = '192.0.2.7'
const from = (address: string, more: readonly string[] = []) => ({ more: [`X-Forwarded-For: ${address}`, ...more] })

/** Many messages, one after the other over one connection: their statuses. */
async function many(receiver: Receiver, count: number, message: string, sender = FORGER): Promise<number[]> {
  const one = request(message, from(sender))
  const last = request(message, from(sender, LAST))
  return statuses(await say(receiver.port, Buffer.concat([...Array.from({ length: count - 1 }, () => one), last])))
}

const flood = async (receiver: Receiver, count: number) => await many(receiver, count, forged('flood'))

const of = (status: number, all: readonly number[]) => all.filter((each) => each === status).length

describe('a source of forged notifications', () => {
  test('is answered with 429 and a time to wait once it has sent too many, and is counted', async () => {
    const receiver = await startReceiver(PROXIED)
    const answers = await flood(receiver, 800)
    expect(answers.slice(0, 500)).toEqual(Array.from({ length: 500 }, () => 400))
    expect(of(429, answers)).toBeGreaterThan(100)
    expect(of(400, answers) + of(429, answers)).toBe(800)

    await eventually(() =>
      expect(receiver.counts).toEqual({ 'notice:bad_signature': of(400, answers), 'notice:limited': of(429, answers) }),
    )
    expect(receiver.stored).toEqual([])
  })

  test('learns why, and when to try again', async () => {
    const receiver = await startReceiver(PROXIED)
    const { socket, received } = await open(receiver.port)
    const one = request(forged('flood'), from(FORGER))
    socket.write(Buffer.concat(Array.from({ length: 700 }, () => one)))
    await eventually(() => expect(statuses(received())).toHaveLength(700))
    const last = received().slice(received().lastIndexOf('HTTP/1.1'))
    expect(statuses(last)).toEqual([429])
    expect(last).toMatch(/\r\nretry-after: \d+\r\n/)
    expect(bodyOf(last)).toBe(
      '{"ret_code":"9999","ret_msg":"too many notifications that nobody vouches for, try again later"}',
    )
  })

  test('does not shut out a true sender with another address', async () => {
    const receiver = await startReceiver(PROXIED)
    expect(of(429, await flood(receiver, 800))).toBeGreaterThan(100)
    expect(bodyOf(await say(receiver.port, request(signed('true'), from(OTHER, LAST))))).toBe(ACKNOWLEDGED)
  })

  test('does not shut out a true sender behind the same address, which is vouched for from then on', async () => {
    const receiver = await startReceiver(PROXIED)
    expect(of(429, await flood(receiver, 800))).toBeGreaterThan(100)
    for (const number of ['one', 'two', 'three']) {
      expect(bodyOf(await say(receiver.port, request(signed(number), from(FORGER, LAST))))).toBe(ACKNOWLEDGED)
    }
    expect(of(400, await flood(receiver, 800))).toBe(800)
  })

  test('does not shut out a true sender with which it shares one connection of a proxy', async () => {
    const receiver = await startReceiver(PROXIED)
    const bad = Array.from({ length: 700 }, () => request(forged('flood'), from(FORGER)))
    const good = request(signed('true'), from(OTHER, LAST))
    const answers = statuses(await say(receiver.port, Buffer.concat([...bad, good])))
    expect(of(429, answers)).toBeGreaterThan(100)
    expect(answers.at(-1)).toBe(200)
    expect(receiver.stored).toEqual(['true'])
  })

  test('keeps a true sender waiting for one of its messages, not for all that it has sent', async () => {
    const receiver = await startReceiver()
    const [forger, sender] = [await open(receiver.port), await open(receiver.port)]
    forger.socket.write(request('{'))
    await eventually(() => expect(statuses(forger.received())).toEqual([400]))
    const one = request(forged('flood'))
    forger.socket.write(Buffer.concat(Array.from({ length: 400 }, () => one)))
    sender.socket.write(request(signed('true')))
    const answered = await new Promise<number>((resolve) => {
      sender.socket.once('data', () => resolve(statuses(forger.received()).length))
    })
    expect(answered).toBeLessThan(200)
    await eventually(() => expect(statuses(forger.received())).toHaveLength(401))
    expect(receiver.stored).toEqual(['true'])
  })

  test('may reset its connections while its messages wait: nothing breaks', async () => {
    const receiver = await startReceiver({ allowFrom: ['127.0.0.1'] })
    for (let each = 0; each < 100; each++) {
      const { socket, received } = await open(receiver.port)
      socket.write(request('{'))
      if (each % 2 === 0) await eventually(() => expect(statuses(received())).toEqual([400]), { intervalMs: 1 })
      socket.write(Buffer.concat(Array.from({ length: 30 }, () => request('{'))))
      if (each % 3 === 0) await new Promise(setImmediate)
      socket.resetAndDestroy()
    }
    expect(bodyOf(await say(receiver.port, request(signed('after'), { more: LAST })))).toBe(ACKNOWLEDGED)
    expect(receiver.log.filter(({ msg }) => msg === 'a request met a fault of ours')).toEqual([])
  })

  test('is not read any more: its bodies cost nothing', async () => {
    let read = 0
    const receiver = await startReceiver({
      ...PROXIED,
      read: () => {
        read += 1
        return { kind: 'forged', reason: 'bad signature' }
      },
    })
    const answers = await flood(receiver, 2_000)
    expect(read).toBe(of(400, answers))
    expect(read).toBeLessThan(1_500)
  })

  test('what the gateway signed and nobody can use is no failure of its sender', async () => {
    const receiver = await startReceiver(PROXIED)
    expect(of(400, await many(receiver, 700, signed('')))).toBe(700)
  })

  test('that sends what is no JSON is limited likewise', async () => {
    const receiver = await startReceiver(PROXIED)
    expect(of(429, await many(receiver, 700, '{'))).toBeGreaterThan(100)
  })
})

describe('the log', () => {
  test('tells of the first of many refusals, and of the others as a number', async () => {
    const receiver = await startReceiver(PROXIED)
    const answers = await flood(receiver, 1_000)
    await Promise.all(Array.from({ length: 50 }, async () => say(receiver.port, 'garbage\r\n\r\n')))
    await Promise.all(
      Array.from({ length: 50 }, async () => say(receiver.port, request('', { line: 'GET / HTTP/1.1', more: LAST }))),
    )
    await receiver.closed()
    const lines = receiver.log.filter(({ msg }) => !msg.startsWith('Server listening'))
    const count = (text: string) => lines.filter(({ msg }) => msg === text).length
    expect(count('a notification that nobody vouches for')).toBe(10)
    expect(count('too many notifications that nobody vouches for, refused unread')).toBe(10)
    expect(count('a request was refused')).toBe(20)
    const more = lines.filter(({ msg }) => msg === 'more of these were refused than are logged')
    expect(Object.fromEntries(more.map(({ refusal, count: number }) => [refusal, number]))).toEqual({
      forged: of(400, answers) - 10,
      limited: of(429, answers) - 10,
      400: 40,
      404: 40,
    })
    expect(lines).toHaveLength(44)
  })
})
