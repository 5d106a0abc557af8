import { describe, expect, test } from 'vitest'
import { DATA, DAY, imported, job, NUMBER, POLICY, T0 } from './builders.ts'
import { Story } from './story.ts'

const warned = (data: object) => new Story().commit(job(data)).trail

describe('a refund that stands and is likely a mistake or in vain', () => {
  // 20260525200000 in UTC+8 is 180 days before T0
  test('is warned of when its order is older than the limit', () => {
    expect(warned({ dt_order: '20260525195959' })).toMatchObject({
      to: 'waiting',
      warnings: ['order_age'],
      note: expect.stringContaining('warning: the order is older than ORDER_MAX_AGE_DAYS'),
    })
    expect(warned({ dt_order: '20260525200000' }).warnings).toBeUndefined()
    expect(warned({}).warnings).toBeUndefined()
  })

  test('is judged by the age when it is accepted, not by the time of its job', () => {
    const story = new Story().after(DAY)
    expect(story.commit(job({ dt_order: '20260526195959' }, { at: T0 })).trail.warnings).toEqual(['order_age'])
  })

  test('is warned of when its number is the number of the order', () => {
    expect(warned({ no_order: NUMBER })).toMatchObject({ to: 'waiting', warnings: ['number_of_order'] })
    expect(warned({ no_order: undefined, oid_paybill: NUMBER }).warnings).toBeUndefined()
  })

  test('is warned of for both, and when another system has begun it', () => {
    const trail = new Story().commit(imported({ no_order: NUMBER, dt_order: '20200101000000' })).trail
    expect(trail.warnings).toEqual(['order_age', 'number_of_order'])
  })

  test('is warned of when it is held, too', () => {
    const { trail } = new Story({ ...POLICY, maxRefundFen: 1 }).commit(job({ no_order: DATA.no_refund }))
    expect(trail).toMatchObject({ holds: ['cap'], warnings: ['number_of_order'] })
  })
})
