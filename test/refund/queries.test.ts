import { describe, expect, test } from 'vitest'
import { blockedUntil, CLAIM_MS, DAY, EAGER, FEN, HOUR, MINUTE, POLICY, queries, query, SECOND, submits } from './builders.ts'
import { processing, sending, type Story, succeeded, unknown, waiting } from './story.ts'

const DOUBTFUL = [
  ['unknown', unknown],
  ['processing', processing],
] as const

describe('a query that finds the refund', () => {
  test.for(DOUBTFUL.flatMap(([name, build]) => [['2', 'succeeded', name, build] as const, ['3', 'failed', name, build] as const]))(
    'with sta_refund %s makes it %s, from %s',
    ([status, state, , build]) => {
      const story = build()
      story.ask(queries.found(status))
      expect(story.record).toMatchObject({ state, settled_by: 'query', attempts: [{ fate: 'accepted' }] })
      expect(story.events).toMatchObject([{ type: `refund.${state}`, data: { settled_by: 'query' } }])
    },
  )

  test.for(['0', '1', undefined, '9'])('with sta_refund %j makes an unknown one processing', (status) => {
    const story = unknown()
    story.ask(queries.found(status))
    expect(story.record).toMatchObject({
      state: 'processing',
      attempts: [{ fate: 'accepted' }],
      next_look: story.now + 15 * MINUTE,
    })
  })

  test.for(DOUBTFUL)('with another amount holds it as amount_mismatch, whatever the status (%s)', ([, build]) => {
    for (const status of ['0', '2', '3']) {
      const story = build()
      story.ask(queries.found(status, FEN + 1))
      expect(story.record).toMatchObject({ holds: ['amount_mismatch'], next_look: story.now + POLICY.holdLookMs })
      expect(story.events).toEqual([])
    }
  })

  test('settles it though a person holds it', () => {
    const story = unknown().then({ type: 'hold', by: 'ann', reason: 'look' })
    story.ask(queries.found('2'))
    expect(story.record).toMatchObject({ state: 'succeeded', holds: [] })
  })

  test('settles it though another request is under way', () => {
    const story = sending()
    story.ask(queries.found('2'))
    expect(story.record.state).toBe('succeeded')
    expect(story.record.claim).toBeUndefined()
  })

  test('with another amount leaves the deadline of a request under way', () => {
    const story = sending()
    story.ask(queries.found('1', 1))
    expect(story.record).toMatchObject({ state: 'sending', holds: ['amount_mismatch'] })
    expect(story.record.next_look).toBe(story.record.claim?.deadline)
  })

  test('that was never sent holds it as contradiction', () => {
    const story = waiting()
    story.ask(queries.found('2'))
    expect(story.record).toMatchObject({ state: 'waiting', holds: ['contradiction'] })
  })
})

describe('a refund in processing that is still open', () => {
  test('is queried after the waits of QUERY_DELAYS_MS, of which the last repeats', () => {
    const story = processing()
    const waits = [(story.record.next_look ?? 0) - story.now]
    for (let n = 0; n < 7; n++) {
      story.now = story.record.next_look ?? 0
      story.ask(queries.found('1'))
      if (story.record.holds.length === 0) waits.push((story.record.next_look ?? 0) - story.now)
    }
    expect(waits.slice(0, 7)).toEqual([15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY, DAY])
    expect(story.record.state).toBe('processing')
  })

  test('is never sent again, however often the gateway denies it; enough of full is a contradiction', () => {
    const story = processing(EAGER)
    story.ask(queries.denied, 'again')
    expect(story.record).toMatchObject({ state: 'processing', holds: ['contradiction'], attempts: [{ number: 1 }] })
    story.after(DAY).ask(queries.denied, 'again')
    expect(story.record).toMatchObject({ state: 'processing', holds: ['contradiction'], attempts: [{ number: 1 }] })
  })

  test('needs the full quarantine for that, three denials over fifteen minutes', () => {
    const story = processing()
    for (let n = 0; n < 2; n++) {
      story.after(10 * MINUTE).ask(queries.denied)
      expect(story.record.holds).toEqual([])
    }
    story.after(10 * MINUTE).ask(queries.denied)
    expect(story.record.holds).toEqual(['contradiction'])
  })

  test('counts a denial only of a query that was asked after the gateway accepted it', () => {
    const story = sending(EAGER)
    const askedBefore = story.now + SECOND
    story.after(10 * SECOND).answer(submits.accepted('0'))
    story.after(SECOND).see(query(queries.denied, askedBefore))
    expect(story.record).toMatchObject({ state: 'processing', holds: [], attempts: [{ denials: 0 }] })
  })
})

describe('a query that teaches nothing', () => {
  test.for(DOUBTFUL)('is asked again later and concludes nothing (%s)', ([state, build]) => {
    const story = build()
    story.ask(queries.silent, 'again')
    expect(story.record).toMatchObject({ state, holds: [], attempts: [{ number: 1, denials: 0 }] })
    expect(story.record.next_look).toBeGreaterThan(story.now)
  })

  test.for(DOUBTFUL)('since a person must act holds the refund as configuration (%s)', ([state, build]) => {
    const story = build()
    story.ask(queries.stopped, 'again')
    expect(story.record).toMatchObject({ state, holds: ['configuration'], next_look: story.now + POLICY.holdLookMs })
  })

  test('changes nothing while a request is under way', () => {
    const story = sending()
    for (const outcome of [queries.denied, queries.silent, queries.stopped]) {
      expect(story.see(query(outcome, story.now, story.permit('thief'))).kind).toBe('keep')
    }
  })

  test('changes nothing about a refund that waits or is settled', () => {
    for (const story of [waiting(), succeeded()]) {
      for (const outcome of [queries.denied, queries.silent, queries.stopped]) {
        expect(story.see(query(outcome, story.now, story.permit('thief'))).kind).toBe('keep')
      }
    }
  })
})

describe('silence', () => {
  const outcomes = [
    ['unknown', unknown, queries.silent],
    ['unknown', unknown, queries.denied],
    ['processing', processing, queries.silent],
    ['processing', processing, queries.found('1')],
  ] as const

  test.for(outcomes)('for QUERY_GIVE_UP_MS since the send is a hold, in %s, and never a failure', ([state, build, outcome]) => {
    const story = build()
    const { quiet_since } = story.record
    story.now = quiet_since + POLICY.queryGiveUpMs - SECOND - 1
    story.ask(outcome)
    expect(story.record).toMatchObject({ state, holds: [] })
    story.ask(outcome)
    expect(story.record).toMatchObject({ state, holds: ['silence'] })
    expect(story.events).toEqual([])
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
    story.then({ type: 'release', by: 'ann', reason: 'asked them' })
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
    if (hold === 'operator') story.then({ type: 'hold', by: 'ann', reason: 'wait' })
    const { holds } = story.record
    story.see({ type: 'look', permit: story.permit('t') })
    expect(story.record.holds).toEqual(holds)
  })
})
