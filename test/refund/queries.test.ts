import { describe, expect, test } from 'vitest'
import { DAY, EAGER, FEN, HOUR, MINUTE, notice, POLICY, queries, query, SECOND, submits } from './builders.ts'
import { processing, sending, succeeded, unknown, waiting } from './story.ts'

const DOUBTFUL = [
  ['unknown', unknown],
  ['processing', processing],
] as const

describe('a query that finds the refund', () => {
  test.for(
    DOUBTFUL.flatMap(([name, build]) => [
      ['2', 'succeeded', name, build] as const,
      ['3', 'failed', name, build] as const,
    ]),
  )('with sta_refund %s makes it %s, from %s', ([status, state, , build]) => {
    const story = build()
    story.ask(queries.found(status))
    expect(story.record).toMatchObject({ state, settled_by: 'query', attempts: [{ fate: 'accepted' }] })
    expect(story.events).toMatchObject([{ type: `refund.${state}`, data: { settled_by: 'query' } }])
  })

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
    const story = unknown().sees({ type: 'hold', by: 'ann', reason: 'look' })
    story.ask(queries.found('2'))
    expect(story.record).toMatchObject({ state: 'succeeded', holds: [] })
  })

  test('settles it though another request is under way', () => {
    const story = sending()
    story.ask(queries.found('2'))
    expect(story.record.state).toBe('succeeded')
    expect(story.record.claim).toBeUndefined()
  })

  test('leaves a held one its slow look', () => {
    const story = unknown().sees({ type: 'hold', by: 'ann', reason: 'look' })
    for (const status of ['0', '1']) {
      story.ask(queries.found(status))
      expect(story.record).toMatchObject({ state: 'processing', next_look: story.now + POLICY.holdLookMs })
    }
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
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['contradiction'], foreign: true })
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

  test('needs the full quarantine, though the code of its send was marked short', () => {
    const story = unknown(POLICY, submits.busy).sees(notice('1'))
    for (let n = 0; n < 3; n++) story.after(MINUTE).ask(queries.denied)
    expect(story.record).toMatchObject({ state: 'processing', holds: [] })
    story.after(15 * MINUTE).ask(queries.denied)
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
