import { DEFENCES, type Defence } from '../defences/names.ts'
import { runSchedule } from '../simulation/schedule.ts'
import { CASES } from './cases.ts'
import { runCase } from './run-case.ts'

/** The cases that are about a defence, the likeliest first: each must fail without it, in one mode of the gateway at least. */
const ABOUT: Readonly<Record<Defence, readonly number[]>> = {
  claim: [2, 3],
  query_before_send: [2, 22],
  version_check: [10],
  outbox_in_commit: [4],
  sweeper: [20, 6],
  notification_signature: [24],
  amount_check: [24, 23],
  answer_verification: [23],
}

/** So many schedules of the simulation are tried before a defence counts as not missed there. */
const SCHEDULES = 500

/** Which case or schedule missed the defence, and what it said; `undefined`: nobody missed it. */
interface Missed {
  readonly by: string
  readonly fault: string
}

/** Switches each defence off in turn and tells who noticed. @returns whether every one was missed by a case, and by the simulation */
export async function selfCheck(say: (line: string) => void): Promise<boolean> {
  let failed = 0
  for (const defence of DEFENCES) {
    const missed = [await missedByCase(defence), await missedBySimulation(defence)]
    const told = missed.map((by) => (by ? `${by.by}: ${by.fault}` : 'NOT MISSED'))
    if (missed.includes(undefined)) failed += 1
    say(`${missed.includes(undefined) ? 'FAIL' : 'ok  '} without ${defence}\n        ${told.join('\n        ')}`)
  }
  say(`${DEFENCES.length - failed} passed, ${failed} failed`)
  return failed === 0
}

async function missedByCase(defence: Defence): Promise<Missed | undefined> {
  for (const faultCase of CASES.filter(({ number }) => ABOUT[defence].includes(number))) {
    const { faults } = await runCase(faultCase, 'pay_again', defence)
    const [fault] = faults
    if (fault !== undefined) return { by: `case ${faultCase.number}, ${faultCase.title}`, fault }
  }
  return undefined
}

async function missedBySimulation(defence: Defence): Promise<Missed | undefined> {
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const { violations } = await runSchedule({ seed, without: defence })
    const [fault] = violations
    if (fault !== undefined) return { by: `simulation, seed ${seed}`, fault }
  }
  return undefined
}
