import { describe, expect, test } from 'vitest'
import { failureLimit } from '../../src/http/failure-limit.ts'
import { refusalLog } from '../../src/http/refusal-log.ts'
import { tallies } from '../../src/http/tallies.ts'
import { afterOthers } from '../../src/http/turns.ts'
import { eventually } from '../support/eventually.ts'

describe('the log of refusals', () => {
  test('begins to tell again when its window has passed', () => {
    const told: unknown[] = []
    const refusals = refusalLog({ warn: (...line: unknown[]) => void told.push(line) })
    const tell = (times: number) => Array.from({ length: times }, () => refusals.tells('forged')).filter(Boolean).length
    expect(tell(25)).toBe(10)
    refusals.close()
    expect(told).toEqual([[{ refusal: 'forged', count: 15 }, 'more of these were refused than are logged']])
    expect(tell(5)).toBe(5)
    refusals.close()
    expect(told).toHaveLength(1)
  })
})

describe('the limit on failures', () => {
  /** A limit with a clock that a test moves. */
  function limited() {
    let now = 1_000_000
    const limit = failureLimit(() => now)
    return {
      pass: (ms: number) => {
        now += ms
      },
      fail: (source: string, times: number, connection: object = {}) => {
        for (let each = 0; each < times; each++) limit.failed(connection, source)
        return connection
      },
      refuses: (source: string, connection: object) => limit.judge(connection, () => source) === 'refuse',
      vouch: (source: string, connection: object = {}) => limit.vouched(connection, source),
    }
  }

  test('refuses after 500 failures, and lets 50 a second through after that', () => {
    const { pass, fail, refuses } = limited()
    const connection = fail('192.0.2.1', 499)
    expect(refuses('192.0.2.1', connection)).toBe(false)
    fail('192.0.2.1', 1, connection)
    expect(refuses('192.0.2.1', connection)).toBe(true)
    pass(1_000)
    let tried = 0
    for (; !refuses('192.0.2.1', connection); tried++) fail('192.0.2.1', 1, connection)
    expect(tried).toBe(50)
    pass(3_600_000)
    for (tried = 0; !refuses('192.0.2.1', connection); tried++) fail('192.0.2.1', 1, connection)
    expect(tried).toBe(500)
  })

  test('refuses nothing over a connection that has brought no failure', () => {
    const { fail, refuses } = limited()
    fail('192.0.2.1', 1_000)
    expect(refuses('192.0.2.1', {})).toBe(false)
  })

  test('lets a connection that has brought a failure wait, until it brings something true', () => {
    const limit = failureLimit(() => 0)
    const connection = {}
    const source = () => '192.0.2.1'
    expect(limit.judge(connection, source)).toBe('read')
    limit.failed(connection, source())
    expect(limit.judge(connection, source)).toBe('wait')
    limit.vouched(connection, source())
    expect(limit.judge(connection, source)).toBe('read')
  })

  test('takes all addresses of an IPv6 network for one source', () => {
    const { fail, refuses } = limited()
    const connection = {}
    for (let each = 0; each < 500; each++) fail(`2001:db8:0:7::${each.toString(16)}`, 1, connection)
    expect(refuses('2001:db8:0:7:ffff::1', connection)).toBe(true)
    expect(refuses('2001:db8:0:8::1', connection)).toBe(false)
  })

  test('trusts a source for an hour after each true notification', () => {
    const { pass, fail, refuses, vouch } = limited()
    vouch('192.0.2.1')
    pass(3_000_000)
    vouch('192.0.2.1')
    pass(3_000_000)
    const connection = fail('192.0.2.1', 1_000)
    expect(refuses('192.0.2.1', connection)).toBe(false)
    pass(700_000)
    fail('192.0.2.1', 1_000, connection)
    expect(refuses('192.0.2.1', connection)).toBe(true)
  })

  test('forgets neither a true sender nor the last forger, however many others there are', () => {
    const { fail, refuses, vouch } = limited()
    vouch('192.0.2.1')
    for (let each = 0; each < 20_000; each++) fail(`10.${each >> 16}.${(each >> 8) & 255}.${each & 255}`, 1)
    const last = fail('192.0.2.2', 1_000)
    expect(refuses('192.0.2.2', last)).toBe(true)
    expect(refuses('192.0.2.1', fail('192.0.2.1', 1_000))).toBe(false)
  })
})

describe('what waits for its turn', () => {
  test('has one in each turn of the event loop, in order, and a thousand at most', async () => {
    const wait = afterOthers()
    const done: number[] = []
    const taken = Array.from({ length: 1_001 }, (_, index) => wait(() => void done.push(index)))
    expect(taken.filter((each) => !each)).toHaveLength(1)
    await new Promise(setImmediate)
    expect(done.length).toBeLessThanOrEqual(2)
    await eventually(() => expect(done).toEqual(Array.from({ length: 1_000 }, (_, index) => index)))
    expect(wait(() => void done.push(-1))).toBe(true)
    await eventually(() => expect(done.at(-1)).toBe(-1))
  })
})

describe('figures of what was refused', () => {
  test('go to the ledger a few times a second, not once each', async () => {
    const received: Readonly<Record<string, number>>[] = []
    const tally = tallies(
      async (counts) => void received.push(counts),
      () => {},
    )
    tally.add('notice:limited')
    await eventually(() => expect(received).toEqual([{ 'notice:limited': 1 }]), { timeoutMs: 200, intervalMs: 1 })
    for (let each = 0; each < 1_000; each++) tally.add(each % 2 === 0 ? 'notice:limited' : 'notice:unreadable')
    await eventually(() => expect(received[1]).toEqual({ 'notice:limited': 500, 'notice:unreadable': 500 }))
    tally.add('notice:limited')
    await tally.close()
    expect(received.slice(2)).toEqual([{ 'notice:limited': 1 }])
  })

  test('that cannot be counted are told, and the next are counted all the same', async () => {
    const failures: unknown[] = []
    let away = true
    const received: unknown[] = []
    const tally = tallies(
      async (counts) => {
        if (away) throw new Error('Redis is away')
        received.push(counts)
      },
      (error, counts) => failures.push([String(error), counts]),
    )
    tally.add('notice:limited')
    await eventually(() => expect(failures).toEqual([['Error: Redis is away', { 'notice:limited': 1 }]]))
    away = false
    tally.add('notice:limited')
    await tally.close()
    expect(received).toEqual([{ 'notice:limited': 1 }])
  })
})
