import { describe, expect, test } from 'vitest'
import { blockedUntil, CLAIM_MS, EAGER, HOUR, MINUTE, queries, query, SECOND, submits } from './builders.ts'
import { type Story, unknown } from './story.ts'

describe('enough denials', () => {
  test('send the same request again in the same decision, at once', () => {
    const story = unknown(EAGER)
    const { request } = story.record
    story.ask(queries.denied, 'second')
    expect(story.record).toMatchObject({
      state: 'sending',
      claim: { token: 'second', deadline: story.now + CLAIM_MS },
      attempts: [
        { number: 1, fate: 'open' },
        { number: 2, fate: 'open', denials: 0 },
      ],
      quiet_since: story.now,
    })
    expect(story.record.request).toEqual(request)
  })

  const blocked = (story: Story) => {
    const askedAt = story.now
    story.after(SECOND).see(query(queries.denied, askedAt, blockedUntil(story.now + HOUR)))
  }

  test('send nothing under a stop, an open breaker or a spent rate, until the time that those name', () => {
    const story = unknown(EAGER)
    blocked(story)
    expect(story.record).toMatchObject({ state: 'unknown', attempts: [{ number: 1 }], next_look: story.now + HOUR })
  })

  test('must be denied again by the later look: without that it is not sent', () => {
    const story = unknown(EAGER)
    blocked(story)
    story.after(HOUR).ask(queries.silent, 'second')
    expect(story.record.state).toBe('unknown')
    story.after(HOUR).ask(queries.denied, 'second')
    expect(story.record.state).toBe('sending')
  })

  test('must be denied again by a query that was asked after the last denial', () => {
    const story = unknown(EAGER)
    const askedAt = story.now
    blocked(story)
    story.after(SECOND).see(query(queries.denied, askedAt, story.permit('second')))
    expect(story.record).toMatchObject({ state: 'unknown', attempts: [{ number: 1, denials: 1 }] })
  })
})

describe('a refund that waits for balance alone', () => {
  test('is let go by the slow look, and asked about before it is sent', () => {
    const story = unknown(EAGER, submits.noBalance).after(30 * MINUTE)
    story.commit({ type: 'look', permit: story.permit('t') })
    expect(story.record).toMatchObject({ state: 'unknown', holds: [], next_look: story.now })
    story.ask(queries.denied, 'second')
    expect(story.record.state).toBe('sending')
  })

  test('keeps its hold until its merchant may send', () => {
    const story = unknown(EAGER, submits.noBalance).after(30 * MINUTE)
    story.see({ type: 'look', permit: blockedUntil(story.now + HOUR) })
    story.see({ type: 'look' })
    expect(story.record.holds).toEqual(['insufficient_balance'])
  })

  test('keeps its hold through any answer to a query', () => {
    const story = unknown(EAGER, submits.noBalance)
    for (const outcome of [queries.silent, queries.denied, queries.found('1')]) story.ask(outcome, 't')
    expect(story.record).toMatchObject({ state: 'processing', holds: ['insufficient_balance'] })
  })

  test.for(['configuration', 'operator'] as const)('is not let go when %s holds it too', (hold) => {
    const story = unknown(EAGER, hold === 'operator' ? submits.noBalance : submits.misconfigured)
    if (hold === 'operator') story.sees({ type: 'hold', by: 'ann', reason: 'wait' })
    const { holds } = story.record
    story.see({ type: 'look', permit: story.permit('t') })
    expect(story.record.holds).toEqual(holds)
  })
})
