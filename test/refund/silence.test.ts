import { describe, expect, test } from 'vitest'
import { blockedUntil, DAY, POLICY, queries, SECOND } from './builders.ts'
import { processing, unknown } from './story.ts'

describe('silence', () => {
  const outcomes = [
    ['unknown', unknown, queries.silent],
    ['unknown', unknown, queries.denied],
    ['processing', processing, queries.silent],
    ['processing', processing, queries.found('1')],
  ] as const

  test.for(outcomes)(
    'for QUERY_GIVE_UP_MS since the send is a hold, in %s, and never a failure',
    ([state, build, outcome]) => {
      const story = build()
      const { quiet_since } = story.record
      story.now = quiet_since + POLICY.queryGiveUpMs - SECOND - 1
      story.ask(outcome)
      expect(story.record).toMatchObject({ state, holds: [] })
      story.ask(outcome)
      expect(story.record).toMatchObject({ state, holds: ['silence'] })
      expect(story.events).toEqual([])
    },
  )

  test('is told also of a refund whose looks are all put off', () => {
    const story = unknown()
    story.now = story.record.quiet_since + POLICY.queryGiveUpMs
    story.sees({ type: 'look', permit: blockedUntil(story.now + SECOND) })
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['silence'] })
  })

  test('is still queried daily', () => {
    const story = processing().after(8 * DAY)
    story.ask(queries.silent)
    expect((story.record.next_look ?? 0) - story.now).toBe(DAY)
    story.after(DAY).ask(queries.found('1'))
    expect((story.record.next_look ?? 0) - story.now).toBe(DAY)
  })

  test('is counted anew from a release', () => {
    const story = processing().after(8 * DAY)
    story.ask(queries.silent)
    story.sees({ type: 'release', by: 'ann', reason: 'asked them' })
    story.after(6 * DAY).ask(queries.silent)
    expect(story.record.holds).toEqual([])
    story.after(2 * DAY).ask(queries.silent)
    expect(story.record.holds).toEqual(['silence'])
  })

  test('ends when the gateway settles the refund', () => {
    const story = unknown().after(8 * DAY)
    story.ask(queries.silent)
    story.after(DAY).ask(queries.found('2'))
    expect(story.record).toMatchObject({ state: 'succeeded', holds: [] })
  })
})
