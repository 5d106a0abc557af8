import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseFlatMessage } from '../../src/lianlian/flat-message.ts'

function reasonFor(input: string | Uint8Array): string | undefined {
  const result = parseFlatMessage(input)
  return result.ok ? undefined : result.reason
}

describe('parseFlatMessage', () => {
  test('reads bytes and text, with escapes resolved and blanks between', () => {
    const json = ' {\r\n\t"ret_msg" : "\\u4ea4\\n\\"易\\/" , "a1_":""\n} '
    for (const input of [json, Buffer.from(json)]) {
      expect(parseFlatMessage(input)).toEqual({ ok: true, message: { ret_msg: '交\n"易/', a1_: '' } })
    }
    expect(parseFlatMessage('{}')).toEqual({ ok: true, message: {} })
  })

  test('gives own properties alone, __proto__ among them', () => {
    const result = parseFlatMessage('{"__proto__":"x","sign":"y"}')
    if (!result.ok) throw new Error(result.reason)
    expect(Object.getPrototypeOf(result.message)).toBeNull()
    expect(Object.entries(result.message)).toEqual([
      ['__proto__', 'x'],
      ['sign', 'y'],
    ])
    expect(result.message.constructor).toBeUndefined()
  })

  test.each([
    ['{"a":"1","a":"1"}', 'a repeated key'],
    ['{"ab":"1","b":"2","a\\u0062":"3"}', 'a repeated key'],
    ['{"__proto__":"1","__proto__":"2"}', 'a repeated key'],
    ['{"a":{"b":"1"},"a":"2"}', 'a value that is not text'],
    ['{"a":{"b":"1"}}', 'a value that is not text'],
    ['{"a":["1"]}', 'a value that is not text'],
    ['{"a":1}', 'a value that is not text'],
    ['{"a":true}', 'a value that is not text'],
    ['{"a":null}', 'a value that is not text'],
    ['[]', 'not a JSON object'],
    ['"text"', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['', 'not JSON'],
    ['{"a":"1"', 'not JSON'],
    ['{"a":"1"}}', 'not JSON'],
    ['{"a":"1"} x', 'not JSON'],
    ['{"a":"1",}', 'not JSON'],
    ['{,}', 'not JSON'],
    ["{'a':'1'}", 'not JSON'],
    ['{"a":"\n"}', 'not JSON'],
    ['{"a":"\\x"}', 'not JSON'],
    ['\u00a0{"a":"1"}', 'not JSON'],
    ['\ufeff{"a":"1"}', 'not JSON'],
    ['<html>', 'not JSON'],
    ['{"sign_type ":"RSA"}', 'a key outside a-z 0-9 _'],
    ['{"Sign":"x"}', 'a key outside a-z 0-9 _'],
    ['{"":"x"}', 'a key outside a-z 0-9 _'],
    ['{"a\\n":"x"}', 'a key outside a-z 0-9 _'],
    ['{"a":"\\ud800"}', 'a value with half a surrogate pair'],
  ])('refuses %j', (text, reason) => {
    expect(reasonFor(text)).toBe(reason)
    expect(reasonFor(Buffer.from(text))).toBe(reason)
  })

  test('refuses bytes that are not UTF-8, and a byte order mark', () => {
    expect(reasonFor(Buffer.from('{"a":"é"}', 'latin1'))).toBe('not UTF-8')
    expect(reasonFor(Buffer.from('{"a":"\ud800"}', 'utf16le'))).toBeDefined()
    expect(reasonFor(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"a":"1"}')]))).toBe('not JSON')
    expect(reasonFor(Buffer.from([0x7b, 0xc0, 0x80, 0x7d]))).toBe('not UTF-8')
  })

  test('takes 64 keys and refuses 65', () => {
    const json = (keys: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, ''])))
    expect(reasonFor(json(64))).toBeUndefined()
    expect(reasonFor(json(65))).toBe('more than 64 keys')
  })

  test('reads a body of the largest size in no time, whatever is in it', () => {
    for (const text of [
      `{"a":"${'x'.repeat(65_000)}`,
      `{"a":"${'\\n'.repeat(32_000)}"}`,
      ' '.repeat(65_000),
      '{'.repeat(65_000),
    ]) {
      const start = performance.now()
      parseFlatMessage(text)
      expect(performance.now() - start).toBeLessThan(1000)
    }
  })

  test('agrees with JSON.parse on every flat map of texts', () => {
    const key = fc.stringMatching(/^[a-z0-9_]{1,8}$/)
    const value = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 64 }), fc.nat(4), (map, indent) => {
        const result = parseFlatMessage(JSON.stringify(map, null, indent))
        expect(result.ok && { ...result.message }).toEqual({ ...map })
      }),
    )
  })

  test('takes nothing that JSON.parse reads otherwise', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 2 }), (json) => {
        const result = parseFlatMessage(json)
        if (result.ok) expect({ ...result.message }).toEqual(JSON.parse(json))
      }),
    )
  })
})
