import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import { readEvent } from '../../src/consumer/read-event.ts'
import { refundEventSchema } from '../../src/package/schemas.ts'
import type { RefundEvent } from '../../src/refund/event.ts'
import { writtenEventSchema } from '../../src/schemas/event.ts'
import { POLICY } from '../refund/builders.ts'
import { lives } from '../refund/random-lives.ts'
import { Story } from '../refund/story.ts'
import { examples } from './examples.ts'
import { validator } from './validator.ts'

const valid = validator(refundEventSchema)

test('the schema and the type that the code writes are the same', () => {
  type Plain<T> = { [K in keyof T]: T[K] extends object ? Plain<T[K]> : T[K] }
  expectTypeOf<z.infer<typeof writtenEventSchema>>().toExtend<RefundEvent>()
  expectTypeOf<RefundEvent>().toExtend<z.infer<typeof writtenEventSchema>>()
  expectTypeOf<keyof Plain<RefundEvent>['data']>().toEqualTypeOf<keyof z.infer<typeof writtenEventSchema>['data']>()
})

describe('an event of docs/examples', () => {
  test.for(examples('event'))('$file is valid, and nothing in it is undeclared', ({ data }) => {
    expect(valid(data), JSON.stringify(valid.errors)).toBe(true)
    expect(writtenEventSchema.parse(data)).toEqual(data)
    expect(readEvent(data)).toEqual({ ok: true, event: data })
  })
})

test('whatever happens to a refund, its events are what the schema declares, and nothing else', () => {
  const types = new Set<string>()
  fc.assert(
    fc.property(lives, (life) => {
      const story = new Story({ ...POLICY, heldEvents: true, maxAttempts: 2 })
      for (const { after, happening } of life) {
        story.after(after)
        story.see(happening(story))
      }
      for (const event of story.events) {
        // as it comes out of Redis
        const read: unknown = JSON.parse(JSON.stringify(event))
        expect(writtenEventSchema.safeParse(read).error).toBeUndefined()
        expect(valid(read), JSON.stringify(valid.errors)).toBe(true)
        types.add(event.type)
      }
    }),
    { numRuns: 2_000 },
  )
  expect([...types].toSorted()).toEqual(writtenEventSchema.shape.type.options.toSorted())
})

describe('a consumer that is older than the publisher', () => {
  const [golden = { data: {} }] = examples('event')

  test('hands on fields that it does not know', () => {
    const newer = { ...golden.data, dataschema: 'urn:x', data: { ...Reflect.get(golden.data, 'data'), fee: '0.10' } }
    expect(valid(newer)).toBe(true)
    expect(readEvent(newer)).toEqual({ ok: true, event: newer })
  })

  test.for([
    ['unknown_type', { type: 'refund.split' }],
    ['unknown_version', { specversion: '2.0' }],
    ['not_an_event', { data: 'base64' }],
    ['not_an_event', { id: '1' }],
    ['not_an_event', { specversion: 1 }],
  ] as const)('says %s of %o', ([code, changed]) => {
    expect(readEvent({ ...golden.data, ...changed })).toMatchObject({ ok: false, code, reason: expect.any(String) })
  })

  test.for([[null], ['text'], [[]], [{}], [7]] as const)('says not_an_event of %o', ([data]) => {
    expect(readEvent(data)).toMatchObject({ ok: false, code: 'not_an_event' })
  })
})
