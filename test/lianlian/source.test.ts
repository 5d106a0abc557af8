import { describe, expect, test } from 'vitest'
import { source } from '../../src/lianlian/source.ts'

describe('source', () => {
  test('joins every key but sign, in order, as key=value with &', () => {
    expect(
      source({ sign_type: 'RSA', sign: 'x', no_refund: '1', oid_partner: '2', sign_: 'kept', signature: 'kept' }),
    ).toBe('no_refund=1&oid_partner=2&sign_=kept&sign_type=RSA&signature=kept')
  })

  test('leaves out empty values alone: blanks, 0 and the text null stay', () => {
    expect(source({ a: '', b: ' ', c: '0', d: 'null', e: null, f: undefined })).toBe('b= &c=0&d=null')
  })

  test('sorts by code units, never by a locale', () => {
    const keys = ['a_b', 'aB', 'ab', 'a1', 'Z', 'a', 'é', 'z']
    expect(source(Object.fromEntries(keys.map((key) => [key, '1'])))).toBe(
      ['Z', 'a', 'a1', 'aB', 'a_b', 'ab', 'z', 'é'].map((key) => `${key}=1`).join('&'),
    )
  })

  test('neither escapes nor trims nor normalises', () => {
    expect(source({ url: 'http://h/?a=1&b=2', ' k ': ' v ', text: 'e\u0301' })).toBe(
      ' k = v &text=e\u0301&url=http://h/?a=1&b=2',
    )
  })

  test('covers a key that JavaScript treats as special', () => {
    expect(source(JSON.parse('{"__proto__":"p","constructor":"c"}'))).toBe('__proto__=p&constructor=c')
  })

  test('refuses a value whose written form is not defined', () => {
    expect(() => source(JSON.parse('{"money_refund":200.10}'))).toThrow(TypeError)
  })
})
