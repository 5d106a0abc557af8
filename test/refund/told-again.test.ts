import { describe, expect, test } from 'vitest'
import type { TrailLine } from '../../src/refund/decision.ts'
import { eventOf } from '../../src/refund/event.ts'
import type { Observation } from '../../src/refund/observation.ts'
import { blockedUntil, EAGER, job, MINUTE, NUMBER, notice, operator, queries, query, submits } from './builders.ts'
import { Story, sending, unknown } from './story.ts'

function told(story: Story, observation: Observation): TrailLine {
  const decision = story.see(observation)
  if (decision.kind !== 'commit') throw new Error(`nothing was written: ${decision.kind}`)
  return decision.trail
}

describe('a look that says what the last one said', () => {
  test('stands in the place of its line, and tells how often and since when', () => {
    const story = new Story()
    story.see(job())
    const blocked = () => ({ type: 'look', permit: blockedUntil(story.now + MINUTE) }) as const
    const since = story.now
    expect(told(story, blocked())).not.toHaveProperty('times')
    expect(told(story.after(MINUTE), blocked())).toMatchObject({ times: 2, since })
    expect(told(story.after(MINUTE), blocked())).toMatchObject({ times: 3, since })
    const other = { type: 'look', permit: blockedUntil(story.now, 'something else') } as const
    expect(told(story, other)).not.toHaveProperty('times')
  })

  test('has a line of its own when the code differs, or a person spoke in between', () => {
    const story = unknown()
    const denied = () => query(queries.denied, story.now)
    told(story.after(MINUTE), denied())
    expect(told(story.after(MINUTE), denied())).toMatchObject({ times: 2 })
    story.see(operator.requery)
    expect(told(story.after(MINUTE), denied())).not.toHaveProperty('times')
    const other = query({ kind: 'denied', fields: { ret_code: '3105' } }, story.now + 1)
    expect(told(story.after(MINUTE), other)).not.toHaveProperty('times')
  })
})

describe('an event that is made again', () => {
  test('is the one that left, whatever was learned since', () => {
    const story = sending(EAGER)
    story.answer(submits.accepted('2'))
    expect(eventOf(story.record)).toEqual(story.events[0])
    story.after(MINUTE).see(notice('3'))
    expect(story.record.contradiction).toBe(true)
    expect(eventOf(story.record)).toEqual(story.events[0])
    story.after(MINUTE).see(operator.resolve('failed'))
    expect(story.events.map(({ type }) => type)).toEqual(['refund.succeeded', 'refund.corrected'])
    expect(eventOf(story.record)).toEqual(story.events[1])
  })

  test('is there neither for an open refund nor for a number that was rejected and opened again', () => {
    const story = new Story()
    story.see(job({ money_refund: '.5' }))
    expect(eventOf(story.record)).toMatchObject({ type: 'refund.rejected', subject: NUMBER })
    story.see(job())
    expect(story.record.state).toBe('waiting')
    expect(eventOf(story.record)).toBeUndefined()
  })
})

test('the trace context of the job that opens a refund goes with it, and the first one stays', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const story = new Story()
  story.see(job({}, { traceparent }))
  story.see(job({}, { traceparent: traceparent.replace('b7', 'c8') }))
  expect(story.record.traceparent).toBe(traceparent)
  story.see(operator.cancel)
  expect(story.events).toMatchObject([{ traceparent }])
})
