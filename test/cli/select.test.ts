import { expect, test } from 'vitest'
import { collect, indexesOf, matches, narrows, select, type Walks } from '../../src/cli/select.ts'
import type { RefundRecord } from '../../src/refund/record.ts'
import { transition } from '../../src/refund/transition.ts'
import { DATA, job, POLICY, T0 } from '../refund/builders.ts'

function refund(changes: Partial<RefundRecord> = {}): RefundRecord {
  const decision = transition(undefined, job(DATA), POLICY, { now: T0, random: 0 })
  if (decision.kind !== 'commit') throw new Error('the refund was not accepted')
  return { ...decision.record, ...changes }
}

const NOW = T0 + 3_600_000

test.each([
  [{}, true],
  [{ state: ['waiting'] }, true],
  [{ state: ['unknown', 'open'] }, true],
  [{ state: ['held'] }, false],
  [{ heldFor: ['cap'] }, false],
  [{ retCode: ['none'] }, true],
  [{ retCode: ['5006'] }, false],
  [{ olderThan: 3_600_000 }, true],
  [{ olderThan: 3_600_001 }, false],
  [{ min: 20_001, max: 20_001 }, true],
  [{ min: 20_002 }, false],
  [{ max: 20_000 }, false],
  [{ contradiction: true }, false],
  [{ partner: '999999999999999999' }, false],
] as const)('%j matches a waiting refund of 200.01 yuan that is an hour old: %s', (selection, expected) => {
  expect(matches(refund(), selection, NOW)).toBe(expected)
})

test('a hold matters only while the refund is open', () => {
  const held = refund({ holds: ['cap'] })
  expect(matches(held, { state: ['held'], heldFor: ['cap', 'silence'] }, NOW)).toBe(true)
  expect(matches({ ...held, state: 'failed' }, { heldFor: ['cap'] }, NOW)).toBe(false)
})

test('the smallest indexes are read', () => {
  expect(indexesOf({ state: ['held'] })).toEqual(['held'])
  expect(indexesOf({ state: ['open', 'failed'] })).toEqual(['open', 'state:failed'])
  expect(indexesOf({ state: ['open'], heldFor: ['cap', 'silence'] })).toEqual(['hold:cap', 'hold:silence'])
  expect(indexesOf({ contradiction: true })).toEqual(['contradicted'])
  expect(indexesOf({})).toEqual(['open', 'state:succeeded', 'state:failed', 'state:rejected'])
})

test('a merchant, a limit and an order choose nobody', () => {
  expect(narrows({ partner: '201103171000000000', limit: 3, newest: true })).toBe(false)
  expect(narrows({ max: 5 })).toBe(true)
})

test('a refund that stands in two indexes comes once, and a limit ends the reading', async () => {
  const read: string[] = []
  const ledger: Walks = {
    async *walk(index) {
      for (const no_refund of ['a', 'b', 'c']) {
        read.push(`${index} ${no_refund}`)
        yield refund({ no_refund, holds: ['cap', 'silence'] })
      }
    },
  }
  const heldFor = ['cap', 'silence'] as const
  expect((await collect(select(ledger, { heldFor }, NOW))).map(({ no_refund }) => no_refund)).toEqual(['a', 'b', 'c'])
  read.length = 0
  expect(await collect(select(ledger, { heldFor, limit: 2 }, NOW))).toHaveLength(2)
  expect(read).toEqual(['hold:cap a', 'hold:cap b', 'hold:cap c'])
})
