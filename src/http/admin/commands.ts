import type { HoldReason } from '../../refund/record.ts'

/** What an operator types; `refundctl <command> --help` says the rest. */
export interface HoldAdvice {
  /** why refunds are held so, in a few words */
  readonly meaning: string
  /** shows them */
  readonly list: string
  /** brings them on */
  readonly act: string
}

const MEANINGS: Readonly<Record<HoldReason, string>> = {
  insufficient_balance: 'the merchant has too little balance for them',
  configuration: 'the gateway refuses until a setting is mended',
  amount_mismatch: 'the gateway names another amount or time than we sent',
  contradiction: 'facts that cannot both be true',
  attempts_spent: 'sent as often as allowed, without an end',
  silence: 'nothing conclusive from the gateway for days',
  cap: 'above MAX_REFUND or DAILY_CAP',
  operator: 'a person held them',
}

/** Released blindly they could end wrong: each is settled by what the bank or the gateway proves. */
const NEEDS_EVIDENCE: ReadonlySet<HoldReason> = new Set(['amount_mismatch', 'contradiction', 'silence'])

export function holdAdvice(reason: HoldReason): HoldAdvice {
  return {
    meaning: MEANINGS[reason],
    list: `refundctl list --held-for ${reason}`,
    act: NEEDS_EVIDENCE.has(reason)
      ? 'refundctl resolve NUMBER --succeeded|--failed --evidence TEXT'
      : `refundctl release --held-for ${reason} --reason TEXT`,
  }
}

export const LIST_HELD = 'refundctl list --state held'
export const LIST_CONTRADICTIONS = 'refundctl list --contradiction'
export const LIST_UNKNOWN = 'refundctl list --state unknown'
export const LIST_UNMATCHED = 'refundctl unmatched'
export const LIST_KEYS = 'refundctl keys'
export const LIFT_BRAKE = 'refundctl resume --reason TEXT'
export const liftBrakeOf = (oid_partner: string) => `refundctl resume --partner ${oid_partner} --reason TEXT`
export const resumeQueue = (name: string) => `refundctl resume ${name} --reason TEXT`
