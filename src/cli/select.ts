import { type Command, InvalidArgumentError, Option } from 'commander'
import type { IndexName } from '../ledger/keys.ts'
import { fenFromYuan } from '../refund/money.ts'
import {
  FINAL_STATES,
  HOLD_REASONS,
  type HoldReason,
  isFinal,
  isHeld,
  type RefundRecord,
  STATES,
} from '../refund/record.ts'
import { msOfDuration } from './duration.ts'
import { fenOf } from './view.ts'

/** `open`: every state that is not final; `held`: open, and waiting for a person. */
export const SELECTABLE_STATES = ['open', 'held', ...STATES] as const
type SelectableState = (typeof SELECTABLE_STATES)[number]

/** Which refunds are meant; what is absent does not matter. Every one of the fields must be met. */
export interface Selection {
  readonly state?: readonly SelectableState[]
  readonly heldFor?: readonly HoldReason[]
  readonly retCode?: readonly string[]
  readonly olderThan?: number
  readonly min?: number
  readonly max?: number
  readonly contradiction?: true
  readonly partner?: string
  readonly limit?: number
  readonly newest?: true
}

export interface Walks {
  walk(index: IndexName, options: { readonly newestFirst?: boolean }): AsyncIterable<RefundRecord>
}

/** Whether anything but the merchant tells the refunds apart: a bulk command demands it. */
export function narrows({ state, heldFor, retCode, olderThan, min, max, contradiction }: Selection): boolean {
  return [state, heldFor, retCode, olderThan, min, max, contradiction].some((filter) => filter !== undefined)
}

/** The refunds of a selection, oldest first by when they came into their state (or hold), each once. */
export async function* select(ledger: Walks, selection: Selection, now: number): AsyncGenerator<RefundRecord> {
  const { limit = Number.POSITIVE_INFINITY, newest = false } = selection
  const seen = new Set<string>()
  for (const index of indexesOf(selection)) {
    for await (const record of ledger.walk(index, { newestFirst: newest })) {
      if (seen.size >= limit) return
      const id = `${record.oid_partner}:${record.no_refund}`
      if (seen.has(id) || !matches(record, selection, now)) continue
      seen.add(id)
      yield record
    }
  }
}

export async function collect<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const each of source) all.push(each)
  return all
}

/** The fewest indexes of the ledger that hold every refund of a selection. */
export function indexesOf({ state, heldFor, contradiction }: Selection): readonly IndexName[] {
  if (heldFor) return heldFor.map((reason) => `hold:${reason}` as const)
  if (contradiction) return ['contradicted']
  const states = state ?? ['open', ...FINAL_STATES]
  return states.map((one) => (one === 'open' || one === 'held' ? one : (`state:${one}` as const)))
}

export function matches(record: RefundRecord, selection: Selection, now: number): boolean {
  const { state, heldFor, retCode, olderThan, min, max, contradiction, partner } = selection
  const fen = fenOf(record) ?? 0
  return (
    (state === undefined || state.some((one) => isIn(record, one))) &&
    (heldFor === undefined || (isHeld(record) && heldFor.some((reason) => record.holds.includes(reason)))) &&
    (retCode === undefined || retCode.includes(record.answer.ret_code ?? 'none')) &&
    (olderThan === undefined || now - record.requested_at >= olderThan) &&
    (min === undefined || fen >= min) &&
    (max === undefined || fen <= max) &&
    (contradiction === undefined || record.contradiction) &&
    (partner === undefined || record.oid_partner === partner)
  )
}

function isIn(record: RefundRecord, state: SelectableState): boolean {
  if (state === 'held') return isHeld(record)
  return state === 'open' ? !isFinal(record) : record.state === state
}

/** Adds the filters to a command; `--reason` names a hold only where it does not say why somebody acts. */
export function filterOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--state <state,...>', `only these: ${SELECTABLE_STATES.join(', ')}`).argParser(
        (text, former: SelectableState[] | undefined) => [...(former ?? []), ...listOf(text, SELECTABLE_STATES)],
      ),
    )
    .addOption(
      new Option('--held-for <reason,...>', `only held for one of: ${HOLD_REASONS.join(', ')}`).argParser(holdReasons),
    )
    .addOption(
      new Option('--ret-code <code,...>', 'only whose last answer had one of these codes (none: no code)').argParser(
        (text, former: string[] | undefined) => [...(former ?? []), ...text.split(',')],
      ),
    )
    .addOption(new Option('--older-than <time>', 'only requested longer ago than this: 90s, 2h, 1d12h').argParser(age))
    .addOption(new Option('--min <yuan>', 'only of this amount or more').argParser(amount))
    .addOption(new Option('--max <yuan>', 'only of this amount or less').argParser(amount))
    .option('--contradiction', 'only with a contradiction that nobody has resolved')
    .addOption(new Option('--limit <n>', 'not more than n').argParser(limitOf))
    .option('--newest', 'newest first (default: oldest first)')
}

export const holdReasons = (text: string, former: readonly HoldReason[] = []) => [
  ...former,
  ...listOf(text, HOLD_REASONS),
]

export const partnerOption = () =>
  new Option('--partner <oid_partner>', 'the merchant, 18 digits').argParser((text) => {
    if (!/^\d{18}$/.test(text)) throw new InvalidArgumentError('Expected 18 digits.')
    return text
  })

function listOf<T extends string>(text: string, known: readonly T[]): T[] {
  return text.split(',').map((item) => {
    const found = known.find((one) => one === item.trim())
    if (found === undefined) throw new InvalidArgumentError(`Expected some of ${known.join(', ')}.`)
    return found
  })
}

function age(text: string): number {
  const ms = msOfDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('Expected a time such as 90s, 2h, 1d12h.')
  return ms
}

function amount(text: string): number {
  const fen = fenFromYuan(text)
  if (fen === undefined) throw new InvalidArgumentError('Expected an amount in yuan such as 200.01.')
  return fen
}

function limitOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number, 1 or more.')
  return Number(text)
}
