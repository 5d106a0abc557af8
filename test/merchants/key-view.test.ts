import { describe, expect, test } from 'vitest'
import { keyRows } from '../../src/cli/key-text.ts'
import { droppedInUse, idleKeys, type KeyView } from '../../src/flows/key-view.ts'

const NOW = Date.UTC(2026, 10, 22)
const HOUR = 3_600_000
const DAY = 24 * HOUR

const key = (fingerprint: string, facts: Partial<KeyView> = {}): KeyView => ({
  oid_partner: '201103171000000000',
  use: 'verify',
  fingerprint,
  place: 0,
  since: NOW - 100 * DAY,
  seen: NOW,
  times: 1,
  ...facts,
})
const names = (keys: readonly KeyView[]) => keys.map(({ fingerprint }) => fingerprint)
const busy = key('busy', { last: NOW - 1_000 })

describe('a key is idle', () => {
  test('when it has verified nothing for 7 days while another of its merchant has', () => {
    expect(
      names(idleKeys([busy, key('old', { last: NOW - 8 * DAY }), key('other', { last: NOW - 6 * DAY })], NOW)),
    ).toEqual(['old'])
    expect(names(idleKeys([busy, key('never', {})], NOW))).toEqual(['never'])
  })

  test('not before it has been in the settings so long', () => {
    expect(idleKeys([busy, key('new', { since: NOW - 6 * DAY })], NOW)).toEqual([])
  })

  test('not because its merchant is quiet, nor because of another merchant or of our own keys', () => {
    const quiet = key('quiet', { last: NOW - 30 * DAY })
    expect(idleKeys([quiet], NOW)).toEqual([])
    expect(idleKeys([quiet, { ...busy, oid_partner: '201408071000001543' }], NOW)).toEqual([])
    expect(idleKeys([quiet, { ...busy, use: 'sign' }], NOW)).toEqual([])
    expect(idleKeys([{ ...busy, use: 'sign' }, key('kept', { use: 'sign', last: NOW - 30 * DAY })], NOW)).toEqual([])
  })

  test('not when it was dropped', () => {
    expect(idleKeys([busy, key('gone', { last: NOW - 8 * DAY, seen: NOW - HOUR })], NOW)).toEqual([])
  })
})

describe('a key was dropped in use', () => {
  const gone = key('gone', { last: NOW - 3 * HOUR, seen: NOW - 2 * HOUR })

  test('when no other of its merchant has verified anything since it did', () => {
    expect(names(droppedInUse([gone, key('new')], NOW))).toEqual(['gone'])
    expect(names(droppedInUse([gone, key('new', { last: NOW - 4 * HOUR })], NOW))).toEqual(['gone'])
    expect(droppedInUse([gone, busy], NOW)).toEqual([])
  })

  test('not when its merchant is gone as a whole, or it never verified anything, or it is in some settings yet', () => {
    expect(droppedInUse([gone], NOW)).toEqual([])
    expect(droppedInUse([key('unused', { seen: NOW - HOUR }), key('new')], NOW)).toEqual([])
    expect(droppedInUse([{ ...gone, seen: NOW - 30_000 }, key('new')], NOW)).toEqual([])
  })

  test('for a day', () => {
    expect(droppedInUse([{ ...gone, seen: NOW - 25 * HOUR, last: NOW - 26 * HOUR }, key('new')], NOW)).toEqual([])
  })
})

test('refundctl lists ours first, as the settings have them, what is dropped last, each with its standing', () => {
  const all = [
    key('dropped', { last: NOW - 3 * HOUR, seen: NOW - HOUR }),
    key('unused', { place: 1, since: NOW - HOUR, times: 0 }),
    busy,
    key('idle', { place: 2, last: NOW - 9 * DAY }),
    key('kept', { use: 'sign', place: 1 }),
    key('own', { use: 'sign' }),
  ]
  expect(keyRows(all, NOW).map(({ fingerprint, standing }) => [fingerprint, standing])).toEqual([
    ['own', 'signs'],
    ['kept', 'kept'],
    ['busy', 'verifies'],
    ['unused', 'unused'],
    ['idle', 'idle'],
    ['dropped', 'dropped'],
  ])
})
