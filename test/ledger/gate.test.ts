import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Admission } from '../../src/ledger/gate.ts'
import { eventually } from '../support/eventually.ts'
import { endPause, idOf, type TestLedger, testLedger } from './fixture.ts'

const one = idOf('one')
const two = idOf('two')
const OTHER_MERCHANT = { oid_partner: '201103171000000001', no_refund: 'one' }

const PAUSE_MS = 600_000

const goes = async (at: TestLedger, id = one, call: 'send' | 'query' = 'send'): Promise<boolean> =>
  (await at.ledger.admit(id, call)).go

describe('the call rate', () => {
  test('admits no more calls in any window of its duration than its maximum', async () => {
    const rate = { max: 10, durationMs: 400 }
    const at = testLedger({ gate: { rateOf: () => rate } })
    const admitted: number[] = []
    await Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        while (admitted.length < 25) {
          const admission = await at.ledger.admit(idOf(`refund-${worker}`), worker % 2 === 0 ? 'send' : 'query')
          if (admission.go) admitted.push(admission.now)
        }
      }),
    )
    admitted.sort((a, b) => a - b)
    // a millisecond of slack, since times are whole ones
    const beyond = admitted.flatMap((from, first) => {
      const to = admitted[first + rate.max] ?? Number.POSITIVE_INFINITY
      return to - from < rate.durationMs - 1 ? [`${rate.max + 1} calls in ${to - from} ms`] : []
    })
    expect(beyond).toEqual([])
  })

  test('gives each call back its own time after it was made', async () => {
    const at = testLedger({ gate: { rateOf: () => ({ max: 2, durationMs: 1000 }) } })
    const first = await at.ledger.admit(one, 'send')
    await sleep(200)
    expect(await goes(at, two)).toBe(true)
    const third = await at.ledger.admit(one, 'query')
    expect(timeOf(third) - timeOf(first)).toBe(1000)
  })

  test('lets a send borrow that rests on a denial: it goes at once, and later calls wait for it', async () => {
    const at = testLedger({ gate: { rateOf: () => ({ max: 1, durationMs: 10_000 }) } })
    const query = await at.ledger.admit(one, 'query')
    expect((await at.ledger.admit(one, 'resend')).go).toBe(true)
    expect(timeOf(await at.ledger.admit(two, 'send')) - timeOf(query)).toBe(20_000)
  })

  test('lets everyone through in the end who comes back when told', async () => {
    const at = testLedger({ gate: { rateOf: () => ({ max: 4, durationMs: 200 }) } })
    const started = Date.now()
    await Promise.all(
      Array.from({ length: 16 }, async (_, index) => {
        const id = idOf(`refund-${index}`)
        for (
          let admission = await at.ledger.admit(id, 'send');
          !admission.go;
          admission = await at.ledger.admit(id, 'send')
        ) {
          expect(admission.reason).toBe('the call rate is spent')
          await sleep(Math.max(1, admission.until - Date.now()))
        }
      }),
    )
    expect(Date.now() - started).toBeGreaterThan(500)
    expect(Date.now() - started).toBeLessThan(5000)
  })

  test('is one of each merchant', async () => {
    const at = testLedger({ gate: { rateOf: () => ({ max: 1, durationMs: 60_000 }) } })
    expect(await goes(at)).toBe(true)
    expect(await goes(at, two)).toBe(false)
    expect(await goes(at, OTHER_MERCHANT)).toBe(true)
  })

  test('is counted by the fleet, not by the process', async () => {
    const rated = { gate: { rateOf: () => ({ max: 1, durationMs: 60_000 }) } }
    const at = testLedger(rated)
    expect(await goes(at)).toBe(true)
    expect(await goes(testLedger({ ...rated, beside: at }), two)).toBe(false)
  })

  test('leaves no key behind when nobody calls', async () => {
    const at = testLedger({ gate: { rateOf: () => ({ max: 1, durationMs: 50 }) } })
    await goes(at)
    await goes(at, two)
    await eventually(async () => (await at.redis.exists(at.keys.rate(one.oid_partner))) === 0, { timeoutMs: 2000 })
  })
})

describe('the breaker', () => {
  test('shuts after five calls in a row without a connection, for sends and queries', async () => {
    const at = testLedger({ gate: { breakerMs: 60_000 } })
    await fail(at, 4)
    expect(await goes(at)).toBe(true)
    await fail(at, 1)
    for (const call of ['send', 'query'] as const) {
      const admission = await at.ledger.admit(one, call)
      expect(admission).toMatchObject({ go: false, reason: 'the gateway cannot be reached' })
      expect(waitOf(admission)).toBeGreaterThan(50_000)
    }
    expect(await goes(at, OTHER_MERCHANT)).toBe(true)
  })

  test('does not count calls that lie between answers', async () => {
    const at = testLedger()
    for (let round = 0; round < 3; round++) {
      await fail(at, 4)
      await at.ledger.report(one, round === 0 ? 'answered' : 'reached')
    }
    expect(await goes(at)).toBe(true)
  })

  test('lets one refund probe after its time, and everyone after an answer', async () => {
    const at = await shut()
    expect(await at.ledger.admit(one, 'send')).toMatchObject({ go: true, watched: true })
    expect(await goes(at, two)).toBe(false)
    expect(await goes(at, two, 'query')).toBe(false)
    expect(await goes(at)).toBe(true)
    await at.ledger.report(one, 'reached')
    expect(await at.ledger.admit(two, 'send')).toMatchObject({ go: true, watched: false })
  })

  test('lets one of many probe, though they ask at once', async () => {
    const at = await shut()
    const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => goes(at, idOf(`refund-${index}`))))
    expect(asked.filter(Boolean)).toHaveLength(1)
  })

  test('shuts again at once when the probe fails', async () => {
    const at = await shut()
    expect(await goes(at)).toBe(true)
    await fail(at, 1)
    expect(await goes(at)).toBe(false)
    expect(await goes(at, two)).toBe(false)
  })

  test('lets another refund probe when nothing is heard of the first', async () => {
    const at = await shut()
    expect(await goes(at)).toBe(true)
    expect(await goes(at, two)).toBe(false)
    await endPause(at, one, 'breaker')
    expect(await goes(at, two)).toBe(true)
    expect(await goes(at)).toBe(false)
  })

  test('makes no prober of a refund that the call rate stops', async () => {
    let max = 0
    const at = await shut(() => (max === 0 ? undefined : { max, durationMs: 600_000 }))
    max = 1
    expect(await goes(at)).toBe(true)
    await endPause(at, one, 'breaker')
    expect(await at.ledger.admit(two, 'send')).toMatchObject({ go: false, reason: 'the call rate is spent' })
    max = 0
    expect(await goes(at, idOf('three'))).toBe(true)
  })
})

test.for([
  ['breaker', 'unreachable', 5, 100],
  ['balance', 'no_balance', 1, 110],
] as const)('the door %s stays shut for its time, and then opens by itself', async ([, report, times, shutMs]) => {
  const at = testLedger({ gate: { breakerMs: 100, balanceMs: 100 } })
  const { now: before } = await at.ledger.admit(one, 'send')
  for (let call = 0; call < times; call++) await at.ledger.report(one, report)
  const opened = await eventually(async () => {
    const admission = await at.ledger.admit(one, 'send')
    return admission.go && admission
  })
  expect(opened.now - before).toBeGreaterThanOrEqual(shutMs)
})

describe('the door of the balance', () => {
  test('stops sends, not queries, and only of its merchant', async () => {
    const at = testLedger()
    await at.ledger.report(one, 'no_balance')
    expect(await at.ledger.admit(two, 'send')).toMatchObject({
      go: false,
      reason: 'the balance of the merchant is spent',
    })
    expect(await goes(at, two, 'query')).toBe(true)
    expect(await goes(at, OTHER_MERCHANT)).toBe(true)
  })

  test('opens for a refund that it holds before it opens for the others', async () => {
    const at = testLedger({ gate: { balanceMs: 10_000 } })
    await at.ledger.report(one, 'no_balance')
    const [lift, send] = [await at.ledger.admit(one, 'lift'), await at.ledger.admit(two, 'send')]
    expect(Math.round(waitOf(lift) / 1000)).toBe(9)
    expect(Math.round(waitOf(send) / 1000)).toBe(11)
  })

  test('is not opened by an answer that says nothing of the balance', async () => {
    const at = testLedger()
    await at.ledger.report(one, 'no_balance')
    await at.ledger.report(two, 'reached')
    expect(await goes(at)).toBe(false)
  })

  test('lets one refund probe after its time, and everyone after any other answer', async () => {
    const at = await spent()
    expect(await at.ledger.admit(two, 'send')).toMatchObject({ go: true, watched: true })
    expect(await goes(at)).toBe(false)
    await at.ledger.report(two, 'answered')
    expect(await at.ledger.admit(one, 'send')).toMatchObject({ go: true, watched: false })
  })

  test('shuts again when the probe is refused for the same reason', async () => {
    const at = await spent()
    expect(await goes(at, two)).toBe(true)
    await at.ledger.report(two, 'no_balance')
    expect(await goes(at, two)).toBe(false)
  })

  test('opens the breaker: the gateway was there to say it', async () => {
    const at = testLedger({ gate: { breakerMs: 60_000 } })
    await fail(at, 5)
    await at.ledger.report(one, 'no_balance')
    expect(await goes(at, two, 'query')).toBe(true)
    expect(await goes(at, two, 'send')).toBe(false)
  })
})

async function fail(at: TestLedger, times: number): Promise<void> {
  for (let call = 0; call < times; call++) await at.ledger.report(one, 'unreachable')
}

/** A breaker that was shut, and whose time has come. */
async function shut(
  rateOf: () => { max: number; durationMs: number } | undefined = () => undefined,
): Promise<TestLedger> {
  const at = testLedger({ gate: { breakerMs: PAUSE_MS, rateOf } })
  await fail(at, 5)
  expect(await goes(at)).toBe(false)
  await endPause(at, one, 'breaker')
  return at
}

/** A merchant whose balance was spent, and whose time has come. */
async function spent(): Promise<TestLedger> {
  const at = testLedger({ gate: { balanceMs: PAUSE_MS } })
  await at.ledger.report(one, 'no_balance')
  expect(await goes(at)).toBe(false)
  await endPause(at, one, 'balance')
  return at
}

const timeOf = (admission: Admission): number => (admission.go ? admission.now : admission.until)
const waitOf = (admission: Admission): number => (admission.go ? 0 : admission.until - Date.now())
