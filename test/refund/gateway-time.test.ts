import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochOfGatewayTime, gatewayDay, gatewayTime } from '../../src/refund/gateway-time.ts'

const YEAR_1000 = Date.UTC(1000, 0, 2)
const YEAR_9999 = Date.UTC(9999, 11, 30)

describe('gateway time', () => {
  test('is UTC+8, so an evening in UTC is the next day', () => {
    const evening = Date.UTC(2013, 4, 14, 17, 40, 18)
    expect(gatewayTime(evening)).toBe('20130515014018')
    expect(gatewayDay(evening)).toBe('20130515')
  })

  test('knows no daylight saving', () => {
    expect(gatewayTime(Date.UTC(2026, 0, 1, 0))).toBe('20260101080000')
    expect(gatewayTime(Date.UTC(2026, 6, 1, 0))).toBe('20260701080000')
  })

  test('cuts milliseconds off, never rounds them up', () => {
    expect(gatewayTime(Date.UTC(2026, 0, 1, 0, 0, 0, 999))).toBe('20260101080000')
  })

  test('reads what it writes, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: YEAR_1000, max: YEAR_9999 }), (epochMs) => {
        expect(gatewayTime(epochMs)).toMatch(/^\d{14}$/)
        expect(epochOfGatewayTime(gatewayTime(epochMs))).toBe(Math.floor(epochMs / 1000) * 1000)
      }),
    )
  })

  test('grows with time', () => {
    const moment = fc.integer({ min: YEAR_1000, max: YEAR_9999 })
    fc.assert(
      fc.property(moment, moment, (one, other) => {
        const [early, late] = one < other ? [one, other] : [other, one]
        expect(gatewayTime(early) <= gatewayTime(late)).toBe(true)
      }),
    )
  })

  test('reads a leap day', () => {
    expect(epochOfGatewayTime('20240229000000')).toBe(Date.UTC(2024, 1, 28, 16))
  })

  test.for([
    '20230229000000',
    '20230230000000',
    '20231301000000',
    '20230001000000',
    '20230100000000',
    '20230101240000',
    '20230101006000',
    '20230101000060',
    '00000101000000',
    '2023010100000',
    '202301010000000',
    '2023-01-01 00:00',
    '20230101000000\n',
    ' 20230101000000',
    '',
  ])('%j is no date and time', (text) => {
    expect(epochOfGatewayTime(text)).toBeUndefined()
  })
})
