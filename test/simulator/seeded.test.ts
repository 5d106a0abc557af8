import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Course } from '../../src/simulator/faults.ts'
import { seededFaults } from '../../src/simulator/seeded.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import type { Message } from './merchant.ts'
import { call, isSigned, OID_PARTNER, queryOf, receiver, refund, simulator } from './merchant.ts'

const QUARANTINE_MS = 200
/** What the client below waits: longer, so that a slow machine makes no liar of it. */
const WAIT_MS = 500
const numbers = Array.from({ length: 4000 }, (_, index) => `N${index}`)

function isTroubled(faults: ReturnType<typeof seededFaults>, number: string): boolean {
  const { notify = [], ...course } = faults.course(number)
  const calls = [faults.submit(number, 1), faults.query(number, 1)]
  return notify.length > 0 || Object.keys(course).length > 0 || calls.some((fault) => fault !== 'normal')
}

describe('drawn faults', () => {
  test.for([
    ['some', 0.1],
    ['many', 0.48],
  ] as const)('%s: about %s of the refunds meet trouble', ([level, share]) => {
    const faults = seededFaults(level, 1, QUARANTINE_MS)
    const troubled = numbers.filter((number) => isTroubled(faults, number)).length / numbers.length
    expect(troubled).toBeGreaterThan(share - 0.03)
    expect(troubled).toBeLessThan(share + 0.03)
  })

  test('are the same in any order, and others with another seed', () => {
    const drawnBy = (seed: number, order: readonly string[]) => {
      const faults = seededFaults('many', seed, QUARANTINE_MS)
      const drawn = new Map(order.map((number) => [number, [faults.submit(number, 1), faults.course(number)]]))
      return numbers.map((number) => drawn.get(number))
    }
    expect(drawnBy(1, numbers)).toEqual(drawnBy(1, numbers.toReversed()))
    expect(drawnBy(1, numbers)).not.toEqual(drawnBy(2, numbers))
  })

  const names = (drawn: readonly unknown[]) => new Set(drawn.map((each) => JSON.stringify(each)))

  test('come in every kind', () => {
    const faults = seededFaults('many', 1, QUARANTINE_MS)
    const many = Array.from({ length: 20_000 }, (_, index) => `M${index}`)
    expect(names(many.map((number) => faults.submit(number, 1))).size).toBe(1 + 11 + 3 + 3 + 7 + 2)
    expect(names(many.map((number) => faults.query(number, 1))).size).toBe(1 + 3 + 3 + 6)
    expect(names(many.flatMap((number) => faults.course(number).notify ?? [])).size).toBe(9)
  })

  test('never contradict the final state, never deny for as long as clients wait, and end', () => {
    const faults = seededFaults('many', 1, QUARANTINE_MS)
    for (const number of numbers) {
      const { notify = [], deny_queries_for = 0 }: Course = faults.course(number)
      expect(notify).not.toContain('contradictory')
      expect(notify).not.toContain('wrong_amount')
      expect(deny_queries_for).toBeLessThanOrEqual(QUARANTINE_MS / 2)
      expect(faults.submit(number, 4)).toBe('normal')
      expect(faults.query(number, 5)).toBe('normal')
    }
  })

  test('need a person only with many, and then for about one refund in twenty', () => {
    const holds = (level: 'some' | 'many') => {
      const faults = seededFaults(level, 1, QUARANTINE_MS)
      return numbers.filter((number) => JSON.stringify(faults.submit(number, 1)).startsWith('"10')).length
    }
    expect(holds('some')).toBe(0)
    expect(holds('many') / numbers.length).toBeGreaterThan(0.03)
    expect(holds('many') / numbers.length).toBeLessThan(0.07)
  })

  test('deny nothing where no waiting time is given', () => {
    const faults = seededFaults('many', 1, 0)
    expect(numbers.filter((number) => faults.course(number).deny_queries_for !== undefined)).toEqual([])
  })
})

const DEFINITE = new Set(['5003', '5007', '5008'])

/** The least client that cannot pay twice: it sends again only after denials for the whole waiting time. */
async function settle(gateway: Simulator, asked: Message): Promise<string> {
  for (let sends = 0; sends < 6; sends += 1) {
    const { ret_code = '' } = await trusted(gateway, '/refund.htm', asked)
    if (['1004', '1009'].includes(ret_code)) return 'held'
    const found = await learn(gateway, asked)
    if (found !== 'unknown') return found
    if (DEFINITE.has(ret_code)) return '3'
  }
  return 'spent'
}

/** Asks until the refund is final, or has been denied for long enough. */
async function learn(gateway: Simulator, asked: Message): Promise<string> {
  const since = performance.now()
  while (true) {
    const asking = performance.now()
    const { ret_code, sta_refund = '' } = await trusted(gateway, '/refundquery.htm', queryOf(asked))
    if (ret_code === '0000' && ['2', '3'].includes(sta_refund)) return sta_refund
    if (ret_code === '8901' && asking - since > WAIT_MS) return 'unknown'
    await sleep(50)
  }
}

async function trusted(gateway: Simulator, path: string, message: Message): Promise<Message> {
  const { status, fields } = await call(gateway, path, message, 800).catch(() => ({ status: 0, fields: {} as Message }))
  const ours = fields.no_refund === message.no_refund
  const proven = isSigned({ ...fields, sign: fields.sign ?? 'none' }, gateway.publicKey)
  return status === 200 && (fields.ret_code !== '0000' || (ours && proven)) ? fields : {}
}

test.for(['refuse', 'pay_again'] as const)(
  'a client that asks before it sends again survives many faults (%s): none lost, none doubled, and told the truth',
  async (repeated) => {
    const gateway = await simulator({
      faults: 'many',
      seed: 7,
      quarantineMs: QUARANTINE_MS,
      repeated,
      settleMs: [0, 60],
      slowBodyMs: 100,
    })
    const shop = await receiver((_, fields) => (isSigned(fields, gateway.publicKey) ? {} : { status: 400 }))
    const all = Array.from({ length: 150 }, (_, index) => refund({ no_refund: `S${index}`, notify_url: shop.url }))
    const ends = await Promise.all(all.map(async (asked) => [asked.no_refund, await settle(gateway, asked)] as const))
    await gateway.idle(10_000)
    const { doubled, moved, notifications, submits } = gateway.summary()
    expect(doubled).toEqual([])
    expect(notifications).toMatchObject({ forged_acknowledged: 0, given_up: 0 })
    expect(Object.keys(submits.faults).length).toBeGreaterThan(15)
    for (const [no_refund, end] of ends) {
      expect([no_refund, ['2', '3', 'held']]).toEqual([no_refund, expect.arrayContaining([end])])
      expect([no_refund, moved[`${OID_PARTNER}/${no_refund}`]?.times ?? 0]).toEqual([no_refund, end === '2' ? 1 : 0])
    }
    const finals = shop.notices.filter(({ fields }) => isSigned(fields, gateway.publicKey) && fields.sta_refund !== '1')
    expect(finals.length).toBeGreaterThan(90)
    for (const { fields } of finals) {
      expect([fields.no_refund, fields.sta_refund]).toEqual(ends.find(([no_refund]) => no_refund === fields.no_refund))
    }
  },
)
