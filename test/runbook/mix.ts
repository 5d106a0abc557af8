import type { Script } from '../../src/simulator/faults.ts'
import type { Fleet } from '../e2e/fleet.ts'
import { PARTNER } from '../e2e/settings.ts'
import { eventually } from '../support/eventually.ts'
import type { Refundctl } from './refundctl.ts'

/** Every refund of the night, by what has befallen it. */
export const NO = {
  silencePaid: '2026112200101',
  silenceFailed: '2026112200102',
  unknownPaid: '2026112200111',
  unknownUnsent: '2026112200112',
  amountPaid: '2026112200121',
  amountFailed: '2026112200122',
  saidFailed: '2026112200131',
  saidPaid: '2026112200132',
  frozen: '2026112200133',
  denied: '2026112200134',
  foreign: '2026112200135',
  spent: '2026112200141',
  configuration: '2026112200151',
  configurationToo: '2026112200152',
  capReleased: '2026112200161',
  capCancelled: '2026112200162',
  operatorReleased: '2026112200171',
  operatorCancelled: '2026112200172',
  balance: '2026112200181',
  balanceHeld: '2026112200182',
  stranger: '2026112200191',
  well: '2026112200201',
  badData: '2026112200211',
  again: '2026112200212',
} as const

export const SUBSCRIBER = 'refund-completed-accounting'

export const SETTINGS = {
  MAX_REFUND: '1000.00',
  RETRY_MAX_ATTEMPTS: '2',
  RETRY_CAP_MS: '1000',
  HOLD_LOOK_MS: '6000',
  COMPLETION_QUEUES: `refund-completed,${SUBSCRIBER}`,
} as const

/** The gateway says nothing of use, until the script is taken away. */
const NO_WORD = Array.from({ length: 2_000 }, () => '9999' as const)
const DENIED = Array.from({ length: 2_000 }, () => '8901' as const)
const unheard: Script = { query: NO_WORD, notify: ['lost'] }

/** What was silent for long enough before the night; the workers run with a short QUERY_GIVE_UP_MS. */
export async function silentOnes({ simulator, add, held }: Fleet): Promise<void> {
  simulator.script(NO.silencePaid, unheard)
  simulator.script(NO.silenceFailed, { ...unheard, final: '3' })
  for (const no_refund of [NO.silencePaid, NO.silenceFailed]) await add({ no_refund, money_refund: '88.00' })
  for (const no_refund of [NO.silencePaid, NO.silenceFailed]) await held(no_refund)
}

/** Brings the rest about: afterwards each is held, unknown or contradicted, and stays so. */
export async function makeMix(fleet: Fleet, refundctl: Refundctl): Promise<void> {
  const { simulator, add, held } = fleet
  const script = (no_refund: string, what: Script) => simulator.script(no_refund, what)

  script(NO.unknownPaid, { ...unheard, submit: ['accept_then_drop'] })
  script(NO.unknownUnsent, { ...unheard, submit: ['drop_before'] })
  script(NO.operatorReleased, { ...unheard, submit: ['drop_before'] })
  script(NO.amountPaid, { ...unheard, notify: ['wrong_amount'] })
  script(NO.amountFailed, { ...unheard, final: '3', notify: ['wrong_amount'] })
  script(NO.saidFailed, { notify: ['contradictory'] })
  script(NO.saidPaid, { final: '3', notify: ['contradictory'] })
  script(NO.denied, { query: DENIED, notify: ['lost'] })
  script(NO.spent, { submit: ['http_500', 'http_500'] })
  for (const no_refund of [NO.configuration, NO.configurationToo]) script(no_refund, { submit: ['9901'] })

  await strangersNotice(fleet, NO.stranger)
  await strangersNotice(fleet, NO.foreign)
  await add({ no_refund: NO.well, money_refund: '20.00' })
  for (const no_refund of [NO.unknownPaid, NO.unknownUnsent, NO.operatorReleased]) await add({ no_refund })
  for (const no_refund of [NO.amountPaid, NO.amountFailed]) await add({ no_refund, money_refund: '200.00' })
  for (const no_refund of [NO.denied, NO.foreign, NO.spent, NO.configuration, NO.configurationToo]) {
    await add({ no_refund })
  }
  for (const no_refund of [NO.capReleased, NO.capCancelled]) await add({ no_refund, money_refund: '1500.00' })
  await add({ no_refund: NO.saidPaid, no_order: 'order-7' })
  await add({ no_refund: NO.saidFailed, no_order: 'order-8' })
  await fleet.event(NO.well)
  await add({ no_refund: NO.well, money_refund: '21.00' })
  await add({ no_refund: NO.badData, money_refund: '12.345' })
  for (const no_refund of [NO.saidPaid, NO.saidFailed]) await contradicted(fleet, no_refund)
  await add({ no_refund: NO.frozen, no_order: 'order-7' })

  const holds = [NO.amountPaid, NO.amountFailed, NO.denied, NO.foreign, NO.spent, NO.configuration, NO.configurationToo]
  for (const no_refund of [...holds, NO.frozen, NO.capReleased, NO.capCancelled]) await held(no_refund)
  await heldByHand(fleet, refundctl)
  // last of all: nothing of the merchant is sent from here on
  simulator.setBalance(PARTNER, 0)
  await add({ no_refund: NO.balanceHeld })
  await held(NO.balanceHeld)
  await refundctl.run('hold', NO.balanceHeld, '--yes', '--reason', 'before the night')
  await eventually(async () => (await fleet.standing(NO.balanceHeld))?.holds.length === 2)
  await add({ no_refund: NO.balance })
}

/** The gateway tells of a refund that nobody asked us for. */
async function strangersNotice({ simulator, notifyUrl }: Fleet, no_refund: string): Promise<void> {
  const fields = {
    oid_partner: PARTNER,
    no_refund,
    dt_refund: '20261122030000',
    money_refund: '1.00',
    oid_refundno: '2026112203000099',
    sta_refund: '2',
    settle_date: '20261122',
  }
  await simulator.sendNotification(notifyUrl, fields)
}

/** A person holds one that could not be sent yet. */
async function heldByHand({ add, standing }: Fleet, refundctl: Refundctl): Promise<void> {
  const why = ['--yes', '--reason', 'before the night']
  await refundctl.run('stop', ...why)
  await add({ no_refund: NO.operatorCancelled })
  await eventually(async () => (await standing(NO.operatorCancelled)) !== undefined)
  await refundctl.run('hold', NO.operatorCancelled, ...why)
  await refundctl.run('resume', ...why)
}

async function contradicted({ standing }: Fleet, no_refund: string): Promise<void> {
  await eventually(async () => (await standing(no_refund))?.contradiction === true)
}

/** What happens outside in the course of the night: somebody tops up, or the gateway tells again what became of one. */
export type Happening = 'topped_up' | 'knows_the_unsent' | 'knows_the_held'

export function happen({ simulator }: Fleet, what: Happening): void {
  if (what === 'topped_up') simulator.setBalance(PARTNER, 1_000_000_000)
  if (what === 'knows_the_unsent') simulator.script(NO.unknownUnsent, {})
  if (what === 'knows_the_held') simulator.script(NO.operatorReleased, {})
}
