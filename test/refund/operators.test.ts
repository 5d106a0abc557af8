import { describe, expect, test } from 'vitest'
import { OPEN_STATES } from '../../src/refund/record.ts'
import { EAGER, job, MINUTE, NUMBER, notice, operator, PARTNER, POLICY, queries, SECOND, submits } from './builders.ts'
import { failed, IN_STATE, processing, rejected, Story, sending, succeeded, unknown, waiting } from './story.ts'

const FINAL = [succeeded, failed, rejected]

describe('hold', () => {
  test.for(OPEN_STATES)('keeps an open refund from being sent, in the state it has (%s)', (state) => {
    const story = IN_STATE[state]()
    const { trail } = story.commit(operator.hold)
    expect(story.record).toMatchObject({ state, holds: ['operator'] })
    expect(trail).toMatchObject({ by: 'ann', note: 'ticket 7' })
  })

  test('leaves a request that is under way to its holder, and holds what comes after', () => {
    const story = sending(EAGER).sees(operator.hold)
    expect(story.record.claim?.token).toBe('token-1')
    story.answer(submits.timeout)
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['operator'] })
    expect(story.record.next_look).toBe(story.now + POLICY.holdLookMs)
    story.ask(queries.denied, 'second')
    expect(story.record.state).toBe('unknown')
  })

  test('of a settled refund is refused', () => {
    for (const build of FINAL) expect(build().see(operator.hold).kind).toBe('refuse')
  })
})

describe('release', () => {
  test('lets the refund go on at once, from the state it has', () => {
    for (const build of [waiting, unknown, processing]) {
      const story = build()
      const { state } = story.record
      story.sees(operator.hold, operator.release)
      expect(story.record).toMatchObject({ state, holds: [], next_look: story.now, quiet_since: story.now })
    }
  })

  test('of a cap waives it for good', () => {
    const story = waiting({ ...POLICY, maxRefundFen: 1 })
    expect(story.record.holds).toEqual(['cap'])
    story.sees(operator.release)
    expect(story.record.holds).toEqual([])
    story.see(job())
    story.commit({ type: 'look', permit: story.permit('t') })
    expect(story.record.state).toBe('sending')
  })

  test('of another hold grants no send beyond the attempts', () => {
    const story = unknown({ ...EAGER, maxAttempts: 1 }).sees(operator.hold, operator.release)
    story.ask(queries.denied, 'second')
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['attempts_spent'] })
  })

  test('grants no send of its own: a refund in doubt is still asked about first', () => {
    const story = unknown().sees(operator.hold, operator.release)
    expect(story.see({ type: 'look', permit: story.permit('t') }).kind).toBe('keep')
    story.ask(queries.denied, 't')
    expect(story.record.state).toBe('unknown')
  })

  test('of what nothing holds is refused', () => {
    for (const build of [waiting, unknown, ...FINAL]) expect(build().see(operator.release).kind).toBe('refuse')
  })
})

describe('query', () => {
  test('makes an open refund due at once', () => {
    for (const build of [unknown, processing]) {
      const story = build().sees(operator.requery)
      expect(story.record.next_look).toBe(story.now)
    }
  })

  test('of a settled refund is refused', () => {
    for (const build of FINAL) expect(build().see(operator.requery).kind).toBe('refuse')
  })
})

describe('cancel', () => {
  test('rejects a refund that waits, as cancelled, with its event', () => {
    const story = waiting().sees(operator.cancel)
    expect(story.record).toMatchObject({ state: 'rejected', settled_by: 'operator' })
    expect(story.events).toMatchObject([
      { type: 'refund.rejected', data: { outcome: 'rejected', settled_by: 'operator', attempts: 0 } },
    ])
    expect(story.events[0]?.data.reasons).toEqual([expect.stringContaining('cancelled')])
  })

  test('rejects one whose sends provably never left', () => {
    const story = sending()
    story.answer(submits.neverLeft)
    expect(story.sees(operator.cancel).record.state).toBe('rejected')
  })

  test('is refused in every other state', () => {
    for (const build of [sending, unknown, processing, ...FINAL]) {
      const story = build()
      const { state } = story.record
      expect(story.see(operator.cancel).kind).toBe('refuse')
      expect(story.record.state).toBe(state)
    }
  })

  test('never lets a number be used anew that the gateway has spoken of', () => {
    const story = waiting().sees(notice('2'))
    story.see(operator.cancel)
    story.see(job({ money_refund: '1.00' }, { permit: story.permit('t') }))
    expect(story.record.state).not.toBe('sending')
  })
})

describe('resolve', () => {
  test.for(['succeeded', 'failed'] as const)('ends an open refund as %s, with its completion event', (outcome) => {
    for (const build of [unknown, processing, () => unknown().sees(operator.hold)]) {
      const story = build().sees(operator.resolve(outcome))
      expect(story.record).toMatchObject({ state: outcome, settled_by: 'operator', holds: [] })
      expect(story.events).toMatchObject([
        { type: `refund.${outcome}`, id: `${PARTNER}/${NUMBER}/1`, data: { outcome, settled_by: 'operator' } },
      ])
      expect(story.events[0]?.data.reasons).toEqual([expect.stringContaining('bank statement 12')])
    }
  })

  test('waits for a request that is under way', () => {
    const story = sending()
    expect(story.see(operator.resolve()).kind).toBe('refuse')
    expect(story.record.state).toBe('sending')
  })

  test('settles a contradiction as refund.corrected, one version on', () => {
    const story = failed().sees(notice('2'), operator.resolve('succeeded'))
    expect(story.record).toMatchObject({ state: 'succeeded', contradiction: false, settled_by: 'operator', events: 2 })
    expect(story.events).toMatchObject([
      { type: 'refund.failed', id: `${PARTNER}/${NUMBER}/1` },
      {
        type: 'refund.corrected',
        id: `${PARTNER}/${NUMBER}/2`,
        data: { outcome: 'succeeded', settled_by: 'operator' },
      },
    ])
  })

  test('of a settled refund that nothing contradicts is refused', () => {
    for (const build of FINAL) {
      const story = build()
      const { state } = story.record
      expect(story.after(MINUTE).see(operator.resolve('failed')).kind).toBe('refuse')
      expect(story.record.state).toBe(state)
    }
  })

  test('is contradicted by what the gateway says later', () => {
    const story = unknown().sees(operator.resolve('failed')).after(SECOND).sees(notice('2'))
    expect(story.record).toMatchObject({ state: 'failed', contradiction: true })
  })
})

test('no operator can speak about a number without a record', () => {
  for (const said of [
    operator.hold,
    operator.release,
    operator.requery,
    operator.cancel,
    operator.replay,
    operator.erase,
    operator.resolve(),
  ]) {
    expect(new Story().see(said).kind).toBe('refuse')
  }
})

test('what an operator said stands in the trail with the name', () => {
  const { trail } = waiting().commit(operator.cancel)
  expect(trail).toMatchObject({ observation: 'cancel', by: 'ann', from: 'waiting', to: 'rejected' })
})
