import type { Policy } from '../refund/policy.ts'
import { type Attempt, type HoldReason, isFinal, isHeld, type RefundRecord } from '../refund/record.ts'

export interface NextOptions {
  readonly policy: Policy
  /** epoch ms as people read it */
  readonly at: (epochMs: number) => string
  /** what keeps every refund of the merchant from being sent */
  readonly shut: readonly string[]
}

/** What a hold waits for, and what ends it. */
const HOLD_WORDS: Readonly<Record<HoldReason, (no_refund: string) => string>> = {
  insufficient_balance: () =>
    'the merchant has no balance: top it up; one refund tries now and then, and all go on once there is balance',
  configuration: (no) => `the gateway wants something put right first (keys, IP, rights); then: release ${no}`,
  amount_mismatch: (no) => `the gateway told another amount or time: ask LianLian, then: resolve ${no}`,
  contradiction: (no) => `the gateway told what cannot be: ask LianLian, then: resolve ${no}, or release ${no}`,
  attempts_spent: (no) => `every send is spent: find out why, then: release ${no} grants one more`,
  silence: (no) => `nothing conclusive was heard for too long: ask LianLian, then: resolve ${no}`,
  cap: (no) => `above the cap of one refund or of the day: check it, then: release ${no}, or cancel ${no}`,
  operator: (no) => `a person holds it: release ${no} when that is over`,
}

/** What happens to a refund next, when, and who must do something for it. */
export function whatIsNext(record: RefundRecord, options: NextOptions): readonly string[] {
  const { no_refund, holds, contradiction, contradiction_note } = record
  const disputed = contradiction
    ? [
        `a contradiction waits for a person: ${contradiction_note ?? 'see below'}; ask LianLian, then: resolve ${no_refund}`,
      ]
    : []
  if (isFinal(record)) return contradiction ? disputed : ['nothing: it is settled']
  if (!isHeld(record))
    return [...disputed, goesOn(record, options), ...(record.state === 'processing' ? [] : options.shut)]
  const asked = record.state === 'waiting' ? 'it was never sent, and is looked at' : 'it is asked about meanwhile'
  return [
    ...disputed,
    ...holds.map((hold) => `held for ${hold}: ${HOLD_WORDS[hold](no_refund)}`),
    `nothing is sent while it is held; ${asked}${look(record, options)}`,
  ]
}

function goesOn(record: RefundRecord, options: NextOptions): string {
  const { state, claim } = record
  switch (state) {
    case 'waiting':
      return options.shut.length === 0
        ? `it is sent${look(record, options)}`
        : `it waits to be sent, and is looked at${look(record, options)}`
    case 'sending':
      return `a request is under way${claim ? `, until ${options.at(claim.deadline)} at most` : ''}; then it is asked about`
    case 'processing':
      return `the gateway has it; it is asked about${look(record, options)}, unless a notification comes first`
    default:
      return `it is asked about${look(record, options)}; ${resend(record, options)}`
  }
}

const look = ({ next_look }: RefundRecord, { at }: NextOptions) =>
  next_look === undefined ? '' : ` at ${at(next_look)}`

/** When denials of the gateway are enough to send the same request again, or to end it. */
function resend(record: RefundRecord, { policy, at }: NextOptions): string {
  if (record.foreign) return 'we never sent it: it is not sent'
  const doubted = record.attempts.filter(({ fate }) => fate !== 'never_left')
  const last = doubted.toSorted((a, b) => deniedFrom(b, policy) - deniedFrom(a, policy))[0]
  if (last === undefined) return 'then it is sent'
  const { minCount } = policy.quarantine[last.quarantine]
  const end = doubted.some(({ fate }) => fate === 'refused') ? 'failed' : 'sent again'
  const from = Number.isFinite(deniedFrom(last, policy))
    ? `, the last time not before ${at(deniedFrom(last, policy))}`
    : ''
  return `once the gateway has denied it ${minCount} times (${last.denials} so far)${from}, it is ${end}`
}

function deniedFrom({ quarantine, quarantined_from }: Attempt, policy: Policy): number {
  return (quarantined_from ?? Number.POSITIVE_INFINITY) + policy.quarantine[quarantine].minAgeMs
}
