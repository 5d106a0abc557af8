import { expect, test } from 'vitest'
import { DEFENCES, type Defence } from '../defences/names.ts'
import { runSchedule } from './schedule.ts'

const ENOUGH = 800

/** What an outsider would see first of what the defence prevents. */
const SHOWN: Readonly<Record<Defence, RegExp>> = {
  claim: /taken \d+ times/,
  query_before_send: /taken \d+ times/,
  version_check: /taken \d+ times|two events are/,
  outbox_in_commit: /neither final nor held/,
  sweeper: /neither final nor held/,
  notification_signature: /but no money moved|but the money moved/,
  amount_check: /but another amount moved|but no money moved/,
  answer_verification: /but no money moved|but the money moved/,
}

test.for(DEFENCES)(
  'without %s some schedule goes wrong, as an outsider sees it',
  { timeout: 60_000 },
  async (without) => {
    expect(await firstViolation(without)).toMatch(SHOWN[without])
  },
)

async function firstViolation(without: Defence): Promise<string | undefined> {
  for (let seed = 1; seed <= ENOUGH; seed++) {
    const { violations } = await runSchedule({ seed, without })
    const shown = violations.find((violation) => SHOWN[without].test(violation))
    if (shown !== undefined) return shown
  }
  return undefined
}
