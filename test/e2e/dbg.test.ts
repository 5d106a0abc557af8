import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { PARTNER, startFleet } from './fleet.ts'
test('x', { timeout: 60_000 }, async () => {
  const fleet = await startFleet({ settings: { HOLD_LOOK_MS: '300', RETRY_MAX_ATTEMPTS: '3' } })
  try {
    fleet.simulator.setBalance(PARTNER, 0)
    for (const n of ['a', 'b', 'c']) await fleet.add({ no_refund: n })
    await sleep(8000)
    console.log(await Promise.all(['a', 'b', 'c'].map((n) => fleet.standing(n))), ['a','b','c'].map((n) => fleet.submits(n).length))
    fleet.simulator.setBalance(PARTNER, 100000)
    await sleep(5000)
    console.log(await Promise.all(['a', 'b', 'c'].map((n) => fleet.standing(n))), ['a','b','c'].map((n) => fleet.submits(n).length))
    expect(1).toBe(1)
  } finally { await fleet.stop() }
})
