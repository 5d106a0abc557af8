import { beforeEach, describe, expect, test } from 'vitest'
import {
  ACKNOWLEDGED,
  bodyOf,
  LAST,
  PATH,
  type Receiver,
  request,
  say,
  signed,
  startReceiver,
  statuses,
} from './start.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})

const TYPE = 'Content-Type: text/json'
const HOST = 'Host: a'
const body = signed('framed')
const LENGTH = `Content-Length: ${body.length}`
const CHUNKED = 'Transfer-Encoding: chunked'
const chunks = (text: string, size = text.length.toString(16)) => `${size}\r\n${text}\r\n0\r\n\r\n`
const REFUSAL = /^\{"ret_code":"1012","ret_msg":"[^"]{5,}"\}$/

describe('a true notification in a request that two programs could read differently is refused and not stored:', () => {
  const cases: Readonly<Record<string, readonly [status: number, bytes: string | Buffer]>> = {
    'length and chunks': [400, request(chunks(body), { headers: [HOST, TYPE, LENGTH, CHUNKED] })],
    'chunks and length': [400, request(chunks(body), { headers: [HOST, TYPE, CHUNKED, LENGTH] })],
    'two lengths': [400, request(body, { headers: [HOST, TYPE, LENGTH, 'Content-Length: 5'] })],
    'one length twice': [400, request(body, { headers: [HOST, TYPE, LENGTH, LENGTH] })],
    'a list of lengths': [400, request(body, { headers: [HOST, TYPE, `${LENGTH}, ${body.length}`] })],
    'a signed length': [400, request(body, { headers: [HOST, TYPE, LENGTH.replace(': ', ': +')] })],
    'a hexadecimal length': [
      400,
      request(body, { headers: [HOST, TYPE, `Content-Length: 0x${body.length.toString(16)}`] }),
    ],
    'a length beyond all numbers': [
      400,
      request(body, { headers: [HOST, TYPE, 'Content-Length: 99999999999999999999'] }),
    ],
    'a space before the colon': [400, request(body, { headers: [HOST, TYPE, LENGTH.replace(':', ' :')] })],
    'a folded header': [400, request(body, { headers: [HOST, TYPE, LENGTH, 'X: a\r\n b'] })],
    'a folded transfer encoding': [
      400,
      request(chunks(body), { headers: [HOST, TYPE, 'Transfer-Encoding:\r\n chunked'] }),
    ],
    'a header before the first name': [400, request(body, { headers: [' X: a', HOST, TYPE, LENGTH] })],
    'a header without a name': [400, request(body, { headers: [HOST, TYPE, LENGTH, ': a'] })],
    'a header without a colon': [400, request(body, { headers: [HOST, TYPE, LENGTH, 'foo'] })],
    'bare line feeds': [
      400,
      request(body, { headers: [HOST, TYPE, LENGTH] })
        .toString('latin1')
        .replaceAll('\r\n', '\n'),
    ],
    'one bare line feed': [400, request(body, { headers: [`${HOST}\n${TYPE}`, LENGTH] })],
    'a bare carriage return': [400, request(body, { headers: [`${HOST}\rX: b`, TYPE, LENGTH] })],
    'a NUL in a header': [400, request(body, { headers: [HOST, TYPE, LENGTH, 'X: a\0b'] })],
    'two hosts': [400, request(body, { headers: [HOST, 'HOST: b', TYPE, LENGTH], more: LAST })],
    'no host': [400, request(body, { headers: [TYPE, LENGTH], more: LAST })],
    'two media types': [400, request(body, { headers: [HOST, TYPE, 'content-type: text/plain', LENGTH], more: LAST })],
    'two transfer encodings': [400, request(chunks(body), { headers: [HOST, TYPE, CHUNKED, CHUNKED] })],
    'the transfer encoding identity': [501, request(body, { headers: [HOST, TYPE, 'Transfer-Encoding: identity'] })],
    'another transfer encoding last': [400, request(chunks(body), { headers: [HOST, TYPE, `${CHUNKED}, identity`] })],
    'a transfer encoding misspelt': [
      501,
      request(chunks(body), { headers: [HOST, TYPE, 'Transfer-Encoding: xchunked'] }),
    ],
    'another transfer encoding first': [
      501,
      request(chunks(body), { headers: [HOST, TYPE, 'Transfer-Encoding: gzip, chunked'], more: LAST }),
    ],
    'chunks in HTTP/1.0': [
      400,
      request(chunks(body), { line: `POST ${PATH} HTTP/1.0`, headers: [HOST, TYPE, CHUNKED] }),
    ],
    'a chunk with bare line feeds': [
      400,
      request(chunks(body).replaceAll('\r\n', '\n'), { headers: [HOST, TYPE, CHUNKED] }),
    ],
    'a chunk size beyond all numbers': [400, request(chunks(body, 'f'.repeat(17)), { headers: [HOST, TYPE, CHUNKED] })],
    'a chunk size that is none': [400, request(chunks(body, 'zz'), { headers: [HOST, TYPE, CHUNKED] })],
    'an open quote in a chunk': [
      400,
      request(chunks(body, `${body.length.toString(16)};a="b`), { headers: [HOST, TYPE, CHUNKED] }),
    ],
    'a long chunk extension': [
      413,
      request(chunks(body, `${body.length.toString(16)};${'a'.repeat(20_000)}`), { headers: [HOST, TYPE, CHUNKED] }),
    ],
    'a length in the trailer': [
      400,
      request(chunks(body).replace(/\r\n$/, 'Content-Length: 3\r\n\r\n'), { headers: [HOST, TYPE, CHUNKED] }),
    ],
    'HTTP/0.9': [505, `POST ${PATH}\r\n\r\n`],
    'HTTP/1.2': [400, request(body, { line: `POST ${PATH} HTTP/1.2` })],
    'HTTP/2': [400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    'a TLS greeting': [400, Buffer.from('16030102000100 01fc0303'.replaceAll(' ', ''), 'hex')],
    'long headers': [431, request(body, { more: [`X: ${'a'.repeat(20_000)}`] })],
    'many headers': [431, request(body, { more: Array.from({ length: 2_000 }, (_, index) => `a${index}: b`) })],
    'a long path': [431, request(body, { line: `POST /${'a'.repeat(20_000)} HTTP/1.1` })],
    'another expectation': [417, request(body, { more: ['Expect: more', ...LAST] })],
  }
  test.each(Object.keys(cases))('%s', { concurrent: false }, async (name) => {
    const [status = 0, bytes = ''] = cases[name] ?? []
    const answer = await say(receiver.port, bytes)
    expect(statuses(answer)).toEqual([status])
    expect(bodyOf(answer.replace(/\r\n0\r\n\r\n$/, '').replace(/\r\n\r\n[0-9a-f]+\r\n/, '\r\n\r\n'))).toMatch(REFUSAL)
    expect(receiver.stored).toEqual([])
    expect(statuses(await say(receiver.port, request(body, { more: LAST })))).toEqual([200])
  })
})

describe('what the standard allows is taken:', () => {
  const cases: Readonly<Record<string, Buffer>> = {
    chunks: request(chunks(body), { headers: [HOST, TYPE, CHUNKED], more: LAST }),
    'the address of a proxy request': request(body, { line: `POST http://elsewhere${PATH} HTTP/1.1`, more: LAST }),
    'a query': request(body, { line: `POST ${PATH}?a=%zz HTTP/1.1`, more: LAST }),
    'HTTP/1.0 without a host': request(body, { line: `POST ${PATH} HTTP/1.0`, headers: [TYPE, LENGTH] }),
    'an offer to speak HTTP/2': request(body, { more: ['Upgrade: h2c', 'Connection: Upgrade, close'] }),
    'names of the language as headers': request(body, { more: ['__proto__: a', 'constructor: b', ...LAST] }),
  }
  test.each(Object.keys(cases))('%s', async (name) => {
    const answer = await say(receiver.port, cases[name] ?? '')
    expect(statuses(answer)).toEqual([200])
    expect(bodyOf(answer)).toBe(ACKNOWLEDGED)
    expect(receiver.stored).toEqual(['framed'])
  })

  test('a sender that waits for leave to send its body', async () => {
    const answer = await say(receiver.port, request(body, { more: ['Expect: 100-continue', ...LAST] }))
    expect(statuses(answer.replace('HTTP/1.1 100 Continue\r\n\r\n', ''))).toEqual([200])
  })
})

describe('other methods and paths', () => {
  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'PROPFIND', 'QUERY'])(
    '%s is refused with 405, which names the one that is served',
    async (method) => {
      const answer = await say(receiver.port, request(body, { line: `${method} ${PATH} HTTP/1.1`, more: LAST }))
      expect(statuses(answer)).toEqual([405])
      expect(answer.toLowerCase()).toContain('\r\nallow: post\r\n')
      expect(receiver.stored).toEqual([])
    },
  )

  test('CONNECT opens no tunnel', async () => {
    const answer = await say(receiver.port, 'CONNECT 127.0.0.1:6379 HTTP/1.1\r\nHost: a\r\n\r\nPING\r\n')
    expect(statuses(answer)).toEqual([405])
    expect(bodyOf(answer)).toMatch(REFUSAL)
  })

  test('a method that HTTP does not know is no request', async () => {
    expect(statuses(await say(receiver.port, request(body, { line: `BREW ${PATH} HTTP/1.1` })))).toEqual([400])
  })

  test.each([
    '/',
    '*',
    '/notifications/refund/',
    '//notifications/refund',
    '/a/../notifications/refund',
    '/Notifications/refund',
  ])('%s is another path: 404', async (path) => {
    const answer = await say(receiver.port, request(body, { line: `POST ${path} HTTP/1.1`, more: LAST }))
    expect(statuses(answer)).toEqual([404])
    expect(bodyOf(answer)).toMatch(REFUSAL)
    expect(receiver.stored).toEqual([])
  })

  test('a secret segment of the path has to be right to the letter, and is named by no answer and no line of the log', async () => {
    const path = '/notifications/5c1d0f6be2a94c7e/refund'
    const secret = await startReceiver({ path })
    const answers = await Promise.all(
      [path, PATH, path.replace('5c1d', '5c1e'), path.toUpperCase(), `${path}/`].map(async (tried) =>
        say(secret.port, request(signed('secret'), { line: `POST ${tried} HTTP/1.1`, more: LAST })),
      ),
    )
    answers.push(await say(secret.port, request('', { line: `GET ${path} HTTP/1.1`, more: LAST })))
    expect(answers.flatMap(statuses)).toEqual([200, 404, 404, 404, 404, 405])
    expect(JSON.stringify([answers, secret.log])).not.toMatch(/5c1d/i)
  })

  test('a path that cannot be decoded is no path, and is not repeated', async () => {
    const answer = await say(receiver.port, request(body, { line: 'POST /secret%zz HTTP/1.1', more: LAST }))
    expect(statuses(answer)).toEqual([400])
    expect(answer).not.toContain('secret')
  })

  test('no path stands in the log, neither the own one nor one that was tried', async () => {
    for (const path of [PATH, `${PATH}/tried`, '/%zz-tried']) {
      await say(receiver.port, request('{}', { line: `GET ${path} HTTP/1.1`, more: LAST }))
      await say(receiver.port, request('{}', { line: `POST ${path} HTTP/1.1`, more: LAST }))
    }
    await say(receiver.port, 'tried\r\n\r\n')
    expect(receiver.log.length).toBeGreaterThan(5)
    expect(JSON.stringify(receiver.log)).not.toMatch(/tried|notifications\/refund/)
  })
})

describe('pipelined requests', () => {
  test('are answered one by one and in order, true ones among forged ones', async () => {
    const bad = request('{}')
    const bytes = Buffer.concat([
      request(signed('first')),
      bad,
      request(signed('second')),
      bad,
      request(signed('third'), { more: LAST }),
    ])
    expect(statuses(await say(receiver.port, bytes))).toEqual([200, 400, 200, 400, 200])
    expect(receiver.stored).toEqual(['first', 'second', 'third'])
  })

  test('a thousand at once keep no other sender waiting', async () => {
    const many = Buffer.concat([...Array.from({ length: 1_000 }, () => request('{}')), request('{}', { more: LAST })])
    const [answers, other] = await Promise.all([
      say(receiver.port, many),
      say(receiver.port, request(signed('beside'), { more: LAST })),
    ])
    expect(statuses(other)).toEqual([200])
    expect(statuses(answers)).toHaveLength(1_001)
    expect(new Set(statuses(answers))).not.toContain(200)
  })

  test('a true one is acknowledged first when what follows it is no request', async () => {
    const { promise: mayStore, resolve } = Promise.withResolvers<void>()
    const slow = await startReceiver({
      store: async () => {
        await mayStore
        return 'accepted'
      },
    })
    const said = say(slow.port, Buffer.concat([request(signed('first')), Buffer.from('garbage\r\n\r\n')]))
    setTimeout(resolve, 100)
    const answer = await said
    expect(statuses(answer)).toEqual([200])
    expect(bodyOf(answer)).toBe(ACKNOWLEDGED)
  })
})
