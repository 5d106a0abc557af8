import { describe, expect, test } from 'vitest'
import { EAGER, MINUTE, operator, POLICY, queries, SECOND, submits } from './builders.ts'
import { resending } from './cases.ts'
import { inDoubt, sending } from './story.ts'

describe('a send whose fate is not known', () => {
  test.for([
    ['time-out, reset, bad HTTP status, unreadable or wrongly signed answer', submits.timeout, 'full'],
    ['an ambiguous code that the table marks short', submits.busy, 'short'],
  ] as const)('is unknown and quarantined from its commit: %s', ([, outcome, quarantine]) => {
    const story = sending()
    story.answer(outcome)
    expect(story.record).toMatchObject({
      state: 'unknown',
      holds: [],
      attempts: [{ fate: 'open', quarantine, quarantined_from: story.now, denials: 0 }],
    })
    expect(story.events).toEqual([])
  })

  test('is looked at after the exponential backoff, and never failed by time', () => {
    const story = sending()
    story.random = 0
    story.answer(submits.timeout)
    const delays = [(story.record.next_look ?? 0) - story.now]
    for (let n = 0; n < 13; n++) {
      story.now = story.record.next_look ?? 0
      story.ask(queries.silent)
      delays.push((story.record.next_look ?? 0) - story.now)
    }
    const doubled = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048].map((seconds) => seconds * SECOND)
    expect(delays).toEqual([...doubled, 3600 * SECOND, 3600 * SECOND, 3600 * SECOND])
    expect(story.record.state).toBe('unknown')
  })

  test('backs off further from send to send, even where one denial is enough', () => {
    const story = sending(EAGER)
    story.random = 0
    const delays = [2, 3, 4, 5].map((n) => {
      story.answer(submits.timeout)
      const delay = (story.record.next_look ?? 0) - story.now
      story.ask(queries.denied, `token-${n}`)
      return delay
    })
    expect(delays).toEqual([2, 4, 8, 16].map((seconds) => seconds * SECOND))
  })

  test.for([0, 0.5, 0.999_999])('is not looked at again before RETRY_BASE_MS (chance %d)', (random) => {
    const story = sending()
    story.random = random
    story.answer(submits.timeout)
    expect((story.record.next_look ?? 0) - story.now).toBeGreaterThanOrEqual(POLICY.retry.baseMs)
  })
})

describe('a verified 0000', () => {
  test.for([
    ['2', 'succeeded'],
    ['3', 'failed'],
  ] as const)('with sta_refund %s ends as %s, by the response', ([status, state]) => {
    const story = sending()
    story.answer(submits.accepted(status))
    expect(story.record).toMatchObject({ state, settled_by: 'response', attempts: [{ fate: 'accepted' }] })
    expect(story.events).toMatchObject([
      { type: `refund.${state}`, data: { settled_by: 'response', sta_refund: status } },
    ])
  })

  test.for(['0', '1', undefined, '', '4', '22', 'x'])(
    'with sta_refund %j is processing, queried after a while',
    (status) => {
      const story = sending()
      story.answer(submits.accepted(status))
      expect(story.record).toMatchObject({
        state: 'processing',
        attempts: [{ fate: 'accepted' }],
        next_look: story.now + 15 * MINUTE,
      })
      expect(story.record.job).toBeUndefined()
      expect(story.events).toEqual([])
    },
  )
})

test('an already-known code is processing, queried soon', () => {
  const story = sending()
  story.answer(submits.alreadyKnown)
  expect(story.record).toMatchObject({ state: 'processing', attempts: [{ fate: 'accepted' }] })
  expect((story.record.next_look ?? 0) - story.now).toBeLessThanOrEqual(POLICY.retry.baseMs)
  expect(story.events).toEqual([])
})

describe('a definite refusal', () => {
  test('fails the refund when it is trusted and nothing else is in doubt', () => {
    const story = sending()
    story.answer(submits.refused)
    expect(story.record).toMatchObject({ state: 'failed', settled_by: 'response', attempts: [{ fate: 'refused' }] })
    expect(story.events).toMatchObject([
      { type: 'refund.failed', data: { ret_code: '5002', reasons: [expect.stringContaining('5002')], attempts: 1 } },
    ])
  })

  test('fails the refund when the other attempts never left', () => {
    const story = sending()
    story.answer(submits.neverLeft)
    story.after(MINUTE).commit({ type: 'look', permit: story.permit('second') })
    story.answer(submits.refused)
    expect(story.record.state).toBe('failed')
  })

  test('that is not conclusive (5007, unsigned and not trusted) leaves it unknown, the attempt refused', () => {
    const story = sending()
    story.answer(submits.refusedUnsure)
    expect(story.record).toMatchObject({
      state: 'unknown',
      attempts: [{ fate: 'refused', quarantine: 'full', quarantined_from: story.now }],
    })
    expect(story.events).toEqual([])
  })

  test('of a later attempt does not settle an earlier one that is open, though that was denied', () => {
    const story = resending()
    story.answer(submits.refused)
    expect(story.record).toMatchObject({ state: 'unknown', attempts: [{ fate: 'open' }, { fate: 'refused' }] })
    expect(story.events).toEqual([])
  })

  test('does not settle an attempt 0', () => {
    const story = inDoubt(EAGER)
    story.ask(queries.denied, 't')
    story.answer(submits.refused)
    expect(story.record.state).toBe('unknown')
  })

  test('is confirmed by enough denials, without another send', () => {
    const story = resending()
    story.answer(submits.refused)
    story.ask(queries.denied, 'third')
    expect(story.record).toMatchObject({ state: 'failed', settled_by: 'query' })
    expect(story.record.attempts).toHaveLength(2)
    expect(story.events).toMatchObject([
      { type: 'refund.failed', data: { reasons: [expect.stringContaining('5002')] } },
    ])
  })

  test('is not confirmed while a person holds the refund', () => {
    const story = resending()
    story.answer(submits.refused)
    story.sees(operator.hold)
    story.ask(queries.denied)
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['operator'] })
  })

  test('is outdone by a fact: the gateway has the refund after all', () => {
    const story = sending()
    story.answer(submits.refusedUnsure)
    story.ask(queries.found('2'))
    expect(story.record).toMatchObject({ state: 'succeeded', reasons: [] })
  })
})

describe('a needs-operator code', () => {
  test.for([
    ['insufficient_balance', submits.noBalance, 'full'],
    ['configuration', submits.misconfigured, 'short'],
  ] as const)('holds the refund as %s, unknown, its attempt open', ([hold, outcome, quarantine]) => {
    const story = sending()
    story.answer(outcome)
    expect(story.record).toMatchObject({
      state: 'unknown',
      holds: [hold],
      attempts: [{ fate: 'open', quarantine, quarantined_from: story.now }],
      next_look: story.now + POLICY.holdLookMs,
    })
    expect(story.events).toEqual([])
  })
})
