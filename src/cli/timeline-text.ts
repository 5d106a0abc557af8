import { returnCode } from '../lianlian/return-codes.ts'
import { eventOf } from '../refund/event.ts'
import type { Policy } from '../refund/policy.ts'
import { type Attempt, countSends, isHeld, type RefundRecord } from '../refund/record.ts'
import { shownDuration } from './duration.ts'
import type { Paint } from './io.ts'
import { shownMoment, shownZone } from './moment.ts'
import { whatIsNext } from './next.ts'
import { layOut } from './table.ts'
import { harmless, shownYuan } from './text.ts'
import type { TrailLine } from './trail-line.ts'
import { fenOf, shownState } from './view.ts'

export interface TimelineOptions {
  readonly now: number
  readonly utc: boolean
  readonly policy: Policy
  /** what keeps every refund of the merchant from being sent */
  readonly shut: readonly string[]
  readonly paint: Paint
}

/** A refund's whole story for a person: how it stands, what happens next, every send, and line by line how it came. */
export function timelineText(record: RefundRecord, trail: readonly TrailLine[], options: TimelineOptions): string {
  const parts = [head(record, options), next(record, options), sends(record, options), history(trail, options)]
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function head(record: RefundRecord, { now, utc, paint }: TimelineOptions): string[] {
  const { request, legible, answer, metadata, reasons, settled_by } = record
  const { no_order, oid_paybill, dt_refund } = request ?? legible ?? {}
  const fen = fenOf(record)
  const event = eventOf(record)
  const held = isHeld(record) ? ` ${paint('red', `held: ${record.holds.join(', ')}`)}` : ''
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['merchant', record.oid_partner],
    [
      'amount',
      fen === undefined ? 'unreadable' : `${shownYuan(fen)} yuan${request?.kind === 'exchange' ? ', exchange' : ''}`,
    ],
    ['state', `${shownState(record.state, paint)}${held}${record.contradiction ? paint('red', ' contradicted') : ''}`],
    ['order', orderOf(no_order, oid_paybill)],
    ['dt_refund', dt_refund],
    ['requested', `${shownMoment(record.requested_at, { utc })}, ${shownDuration(now - record.requested_at)} ago`],
    ['sends', `${countSends(record)} that may have left`],
    ['gateway', shownAnswer(answer)],
    ['also told', alsoTold(record)],
    ['settled by', settled_by],
    ['reasons', reasons.join('; ')],
    ['event', event && `${event.id} (${event.type})`],
    ['metadata', metadata && JSON.stringify(metadata)],
  ]
  const lines = facts.flatMap(([name, text]) =>
    text === undefined || text === '' ? [] : [`  ${name.padEnd(10)}  ${name === 'state' ? text : harmless(text)}`],
  )
  return [paint('bold', `Refund ${record.no_refund}`), ...lines]
}

function orderOf(no_order: string | undefined, oid_paybill: string | undefined): string {
  const names = [
    ...(no_order === undefined ? [] : [`no_order ${no_order}`]),
    ...(oid_paybill === undefined ? [] : [`oid_paybill ${oid_paybill}`]),
  ]
  return names.join(', ')
}

function shownAnswer({ ret_code, ret_msg, ...rest }: RefundRecord['answer']): string {
  const code =
    ret_code === undefined ? [] : [`ret_code ${shownCode(ret_code)}${ret_msg === undefined ? '' : ` "${ret_msg}"`}`]
  return [...code, ...Object.entries(rest).map(([name, value]) => `${name} ${value}`)].map(harmless).join(', ')
}

function alsoTold({ second_refundno }: RefundRecord): string | undefined {
  return second_refundno === undefined ? undefined : `oid_refundno ${second_refundno}: the gateway may hold it twice`
}

function shownCode(ret_code: string): string {
  return `${harmless(ret_code)} (${returnCode(ret_code).meaning})`
}

function next(record: RefundRecord, { now, utc, policy, shut, paint }: TimelineOptions): string[] {
  const at = (epochMs: number) => {
    const away = epochMs <= now ? 'due now' : `in ${shownDuration(epochMs - now)}`
    return `${shownMoment(epochMs, { utc })} (${away})`
  }
  return [paint('bold', 'Next'), ...whatIsNext(record, { policy, at, shut }).map((line) => `  ${harmless(line)}`)]
}

function sends({ attempts }: RefundRecord, { utc, policy, paint }: TimelineOptions): string[] {
  if (attempts.length === 0) return []
  const at = (epochMs: number | undefined) => (epochMs === undefined ? '-' : shownMoment(epochMs, { utc }))
  const { head: titles, lines } = layOut<Attempt>(
    [
      { title: '  #', right: true, text: ({ number }) => String(number) },
      { title: 'AT', text: ({ claimed_at }) => at(claimed_at) },
      { title: 'FATE', text: ({ fate }) => fate },
      {
        title: 'DENIALS',
        text: ({ denials, quarantine }) => `${denials} of ${policy.quarantine[quarantine].minCount}`,
      },
      { title: 'LAST DENIED', text: ({ last_denial_at }) => at(last_denial_at) },
      { title: 'ANSWER', text: ({ ret_code }) => (ret_code === undefined ? '-' : shownCode(ret_code)) },
    ],
    attempts,
  )
  const origin = attempts.some(({ number }) => number === 0)
    ? ['  # 0 is a send of unknown origin, not one of ours']
    : []
  return [paint('bold', 'Sends'), titles, ...lines, ...origin]
}

function history(trail: readonly TrailLine[], { utc, now, paint }: TimelineOptions): string[] {
  const { lines } = layOut<TrailLine>(
    [
      { title: '', text: ({ at, since }) => `  ${shownMoment(since ?? at, { utc, ms: true })}` },
      { title: '', text: ({ observation }) => WHO[observation] ?? harmless(observation) },
      { title: '', text: ({ from, to }) => (from === to ? to : `${from} -> ${to}`) },
      { title: '', text: (line) => whatWasLearned(line, { utc, paint }) },
    ],
    trail,
  )
  return [paint('bold', `History, oldest first (${shownZone(now, utc)})`), ...lines]
}

/** Who or what spoke. */
const WHO: Readonly<Partial<Record<string, string>>> = {
  job: 'job',
  import: 'operator: import',
  look: 'worker',
  submit: 'answer to the send',
  query: 'answer to a query',
  notice: 'notification',
  hold: 'operator: hold',
  release: 'operator: release',
  requery: 'operator: query',
  replay: 'operator: replay',
  cancel: 'operator: cancel',
  resolve: 'operator: resolve',
  erase: 'operator: erase',
}

function whatWasLearned(line: TrailLine, { utc, paint }: { utc: boolean; paint: Paint }): string {
  const { note, ret_code, attempt, holds, by, times = 1, at } = line
  const last = shownMoment(at, { utc, ms: true })
  return [
    harmless(note),
    ...(ret_code === undefined || note.includes(ret_code) ? [] : [`ret_code ${shownCode(ret_code)}`]),
    ...(attempt === undefined ? [] : [`send ${attempt}`]),
    ...(by === undefined ? [] : [`by ${harmless(by)}`]),
    ...(times > 1 ? [paint('yellow', `×${times}, last at ${last}`)] : []),
    ...(holds.length > 0 ? [paint('red', `held: ${harmless(holds.join(', '))}`)] : []),
  ].join('; ')
}
