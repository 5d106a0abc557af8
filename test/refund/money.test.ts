import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fenFromYuan, yuanFromFen } from '../../src/refund/money.ts'

const MAX_FEN = 10_000_000_000

describe('yuan as text', () => {
  test.for([
    ['0.01', 1],
    ['0.1', 10],
    ['0.10', 10],
    ['5', 500],
    ['200.01', 20_001],
    ['1.10', 110],
    ['19.99', 1999],
    ['4.35', 435],
    ['1.15', 115],
    ['100000000.00', MAX_FEN],
    ['100000000', MAX_FEN],
  ] as const)('%s is %i fen', ([text, fen]) => {
    expect(fenFromYuan(text)).toBe(fen)
  })

  test.for([
    '',
    '.',
    '1.',
    '.5',
    '-1',
    '+1',
    '1e3',
    '1.005',
    '1,00',
    ' 1',
    '1 ',
    '1.00\n',
    '0x10',
    'NaN',
    '１',
    '1..0',
  ])('%j is no amount', (text) => {
    expect(fenFromYuan(text)).toBeUndefined()
  })

  test('is read exactly at any size, where floating point would round', () => {
    const digits = fc.bigInt({ min: 0n, max: 99_999_999_999_999n })
    fc.assert(
      fc.property(digits, (fen) => {
        const text = `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`
        expect(BigInt(fenFromYuan(text) ?? -1)).toBe(fen)
      }),
    )
  })

  test('is an amount or none for any text, and an amount is a whole number that is not negative', () => {
    const almost = fc.stringMatching(/^[-+ 0-9.e,]{0,15}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string(), almost), (text) => {
        const fen = fenFromYuan(text)
        expect(fen === undefined || (Number.isSafeInteger(fen) && fen >= 0)).toBe(true)
        expect(fen !== undefined).toBe(/^[0-9]{1,12}(\.[0-9]{1,2})?$/.test(text) && !text.includes('\n'))
      }),
    )
  })
})

describe('fen', () => {
  test.for([
    [1, '0.01'],
    [10, '0.10'],
    [100, '1.00'],
    [20_001, '200.01'],
    [MAX_FEN, '100000000.00'],
  ] as const)('%i are written as %s', ([fen, text]) => {
    expect(yuanFromFen(fen)).toBe(text)
  })

  test('come back from their text, which always has two decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_FEN }), (fen) => {
        const text = yuanFromFen(fen)
        expect(text).toMatch(/^(0|[1-9]\d*)\.\d\d$/)
        expect(fenFromYuan(text)).toBe(fen)
      }),
    )
  })

  test('add up as they are written', () => {
    expect(yuanFromFen((fenFromYuan('0.1') ?? 0) + (fenFromYuan('0.2') ?? 0))).toBe('0.30')
  })
})
