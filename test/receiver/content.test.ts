import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import { PARTNER } from '../e2e/settings.ts'
import { ACKNOWLEDGED, bodyOf, LAST, type Receiver, request, say, signed, startReceiver, statuses } from './start.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})

const send = async (body: string | Uint8Array, more: readonly string[] = []) =>
  await say(receiver.port, request(body, { more: [...more, ...LAST] }))

/** In front of all else of a true message, which is right but for that. */
const withFirst = (text: string) => signed('content').replace('{', `{${text},`)
const DEEP = 10_000

describe('a body that is no flat map of texts is refused with 1012 and the reason:', () => {
  const cases: Readonly<Record<string, readonly [reason: string, body: string | Uint8Array]>> = {
    'a key twice': ['a repeated key', withFirst('"no_refund":"other"')],
    'a key twice with the same value': ['a repeated key', withFirst('"no_refund":"content"')],
    'a key twice, once escaped': ['a repeated key', withFirst('"no_\\u0072efund":"other"')],
    'the signature twice': ['a repeated key', withFirst('"sign":"AAAA"')],
    'a number': ['a value that is not text', signed('content').replace('"1.00"', '1.00')],
    'a boolean': ['a value that is not text', withFirst('"a":true')],
    'a null': ['a value that is not text', withFirst('"a":null')],
    'a map': ['a value that is not text', withFirst('"a":{"b":"c"}')],
    'a map with a prototype': ['a value that is not text', withFirst('"__proto__":{"oid_partner":"x"}')],
    'a list': ['a value that is not text', withFirst('"a":["b"]')],
    'deep lists': ['a value that is not text', withFirst(`"a":${'['.repeat(DEEP)}${']'.repeat(DEEP)}`)],
    'deep maps': ['a value that is not text', '{"a":'.repeat(DEEP)],
    'a list around it': ['not a JSON object', `[${signed('content')}]`],
    'deep lists around it': ['not a JSON object', '['.repeat(60_000)],
    'a text around it': ['not a JSON object', JSON.stringify(signed('content'))],
    'two of them': ['not JSON', signed('content') + signed('other')],
    'a byte order mark': ['not JSON', `\uFEFF${signed('content')}`],
    'a NUL after it': ['not JSON', `${signed('content')}\0`],
    'a comment': ['not JSON', withFirst('/* a */"a":"b"')],
    'single quotes': ['not JSON', signed('content').replaceAll('"', "'")],
    'a form': ['not JSON', 'sign=AAAA&no_refund=content'],
    'XML with an entity': ['not JSON', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
    nothing: ['not JSON', ''],
    'UTF-16': ['not UTF-8', Buffer.from(`\uFEFF${signed('content')}`, 'utf16le')],
    'GBK in place of UTF-8': [
      'not UTF-8',
      Buffer.concat([Buffer.from('{"ret_msg":"'), Buffer.from([0xbd, 0xbb]), Buffer.from('"}')]),
    ],
    'an overlong form of UTF-8': ['not UTF-8', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22])],
    'half of a surrogate pair': ['a value with half a surrogate pair', withFirst('"a":"\\ud83d"')],
    'an unusual key': ['a key outside a-z 0-9 _', withFirst('"sign_type ":"RSA"')],
    'more fields than any message has': [
      'more than 64 keys',
      JSON.stringify(Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`a${index}`, '']))),
    ],
    'as many fields as there is room for': ['more than 64 keys', `{${'"a":"",'.repeat(8_000)}"b":""}`],
  }
  test.each(Object.keys(cases))('%s', async (name) => {
    const [reason = '', body = ''] = cases[name] ?? []
    const answer = await send(body)
    expect(statuses(answer)).toEqual([400])
    expect(bodyOf(answer)).toBe(`{"ret_code":"1012","ret_msg":"unreadable: ${reason}"}`)
    expect(receiver.stored).toEqual([])
  })
})

describe('fields that nobody has documented', () => {
  test('are covered by the signature: signed ones change nothing', async () => {
    const body = signed('unknown', { a_new_field: 'x', __proto__x: 'y', constructor: 'z' })
    expect(bodyOf(await send(body))).toBe(ACKNOWLEDGED)
    expect(receiver.stored).toEqual(['unknown'])
  })

  test.each(['"a_new_field":"x"', '"__proto__":"x"', '"constructor":"x"', '"a":" "'])(
    '%s that was added on the way makes the whole forged',
    async (field) => {
      expect(bodyOf(await send(withFirst(field)))).toBe('{"ret_code":"1001","ret_msg":"bad signature"}')
      expect(receiver.stored).toEqual([])
    },
  )

  test('an empty one is not covered, and says nothing', async () => {
    expect(bodyOf(await send(withFirst('"a_new_field":""')))).toBe(ACKNOWLEDGED)
    expect(receiver.stored).toEqual(['content'])
  })
})

describe('one signature for several splits of its text', () => {
  test('is believed for none of them', async () => {
    // the source of both is money_refund=1.00&no_refund=split&...
    const whole = JSON.parse(signed('split')) as Record<string, string>
    const { no_refund: _gone, money_refund: _too, ...others } = whole
    const answer = await send(JSON.stringify({ ...others, money_refund: '1.00&no_refund=split' }))
    expect(bodyOf(answer)).toBe('{"ret_code":"1001","ret_msg":"ambiguous signature"}')
    expect(receiver.stored).toEqual([])
  })
})

describe('a compressed body is refused with 415 and never unpacked:', () => {
  const body = signed('packed')
  test.each([
    ['gzip', gzipSync(body)],
    ['gzip of a gigabyte of nothing', gzipSync(Buffer.alloc(8_000_000))],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['gzip, gzip', gzipSync(gzipSync(body))],
    ['zstd', Buffer.from(body)],
  ])('%s', async (encoding, packed) => {
    const answer = await send(packed, [`Content-Encoding: ${encoding.split(' of ')[0]}`])
    expect(statuses(answer)).toEqual([415])
    expect(answer).toContain('accept-encoding: identity')
    expect(bodyOf(answer)).toBe('{"ret_code":"1012","ret_msg":"compressed bodies are not read"}')
    expect(receiver.stored).toEqual([])
  })

  test('one that says that it is not compressed is read', async () => {
    expect(bodyOf(await send(body, ['Content-Encoding: identity']))).toBe(ACKNOWLEDGED)
  })
})

describe('a media type', () => {
  const typed = async (type: readonly string[]) => {
    const body = signed('typed')
    return await say(
      receiver.port,
      request(body, { headers: ['Host: a', ...type, `Content-Length: ${body.length}`], more: LAST }),
    )
  }

  test.each([
    'text/json',
    'TEXT/JSON',
    'application/json;charset="utf-8"',
    'text/json ; charset=utf-8',
    'text/json;a=b',
  ])('%s is read', async (type) => {
    expect(statuses(await typed([`Content-Type: ${type}`]))).toEqual([200])
  })

  test.each([
    'text/jsonx',
    'application/json-evil',
    'application/jsonp',
    'text/plain; a=text/json',
    'multipart/form-data; boundary=application/json',
    'application/json, text/plain',
    ';;;',
    '*/*',
    `text/${'x'.repeat(5_000)}`,
  ])('%s is refused with 415, which names those that are read', async (type) => {
    const answer = await typed([`Content-Type: ${type}`])
    expect(statuses(answer)).toEqual([415])
    expect(bodyOf(answer)).toBe('{"ret_code":"1012","ret_msg":"text/json or application/json is expected"}')
    expect(receiver.stored).toEqual([])
  })

  test('that is not given is refused likewise', async () => {
    expect(statuses(await typed([]))).toEqual([415])
  })
})

describe('a body over 64 KiB is refused with 413 before it is there:', () => {
  const HEADERS = ['Host: a', 'Content-Type: text/json']

  test('announced', async () => {
    const answer = await say(receiver.port, request('', { headers: [...HEADERS, 'Content-Length: 65537'] }))
    expect(statuses(answer)).toEqual([413])
    expect(bodyOf(answer)).toBe('{"ret_code":"1012","ret_msg":"Request body is too large"}')
  })

  test('in chunks without end', async () => {
    const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`
    const answer = await say(
      receiver.port,
      request(chunk.repeat(5), { headers: [...HEADERS, 'Transfer-Encoding: chunked'] }),
    )
    expect(statuses(answer)).toEqual([413])
  })
})

test('only an allowed partner and a right number are shown to the store, whatever the fields hold', async () => {
  for (const fields of [{ oid_partner: '__proto__' }, { oid_partner: '999999999999999999' }, { oid_partner: '' }]) {
    expect(bodyOf(await send(signed('alien', fields)))).toContain('"ret_code":"1001"')
  }
  for (const number of ['', ' ', 'a b', 'a'.repeat(33), '数', 'a\nb']) {
    expect(bodyOf(await send(signed(number)))).toContain('"ret_code":"1012"')
  }
  expect(receiver.stored).toEqual([])
  expect(bodyOf(await send(signed('a&b', { oid_partner: PARTNER })))).toBe(ACKNOWLEDGED)
})
