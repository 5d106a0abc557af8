/**
 * Everything that can go wrong at this gateway, as one vocabulary for scripts (`scripted`) and for seeds (`seeded.ts`).
 * A fault befalls one call; a course holds for the refund as a whole.
 */
/** Four digits other than `0000`. */
export type ReturnCode = `${number}`

/** The request is read and then forgotten: no refund is stored, no money moves. */
export const NOT_PROCESSED = ['drop_before', 'timeout', 'http_500'] as const
/** The refund is taken as usual, and its answer is lost. */
export const ANSWER_LOST = ['accept_then_drop', 'accept_then_timeout', 'pay_then_500'] as const
/**
 * The call is worked on as usual, and its answer is spoilt: cut off in the middle, wrongly signed, not signed, with
 * another refund's number or another amount (validly signed), written slowly, or with megabytes of white space behind.
 */
export const ANSWER_SPOILT = [
  'malformed_json',
  'bad_signature',
  'unsigned_success',
  'wrong_number',
  'wrong_amount',
  'slow_body',
  'huge_body',
] as const

/**
 * Somebody else's answer: nothing is stored, and the message says that the refund is paid, under a wrong signature, or
 * validly signed for another number or for another amount.
 */
export const ANSWER_FALSE = ['forged_success', 'other_number_success', 'other_amount_success'] as const

export type NotProcessed = (typeof NOT_PROCESSED)[number]
export type AnswerLost = (typeof ANSWER_LOST)[number]
export type AnswerSpoilt = (typeof ANSWER_SPOILT)[number]
export type AnswerFalse = (typeof ANSWER_FALSE)[number]

/**
 * What befalls one submit. A return code is answered and nothing is stored; with `accept_then` the refund is taken all
 * the same, as when a fault comes up behind the point of no return. `normal` passes one submit by.
 */
export type SubmitFault =
  | 'normal'
  | ReturnCode
  | { readonly accept_then: ReturnCode }
  | NotProcessed
  | AnswerLost
  | AnswerSpoilt
  | AnswerFalse

/** What befalls one query. A return code is answered whatever is known of the refund. */
export type QueryFault = 'normal' | ReturnCode | NotProcessed | AnswerSpoilt

/**
 * What befalls the notification of a refund; several may come together.
 *
 * - `lost`: never sent; `first_lost`: the first delivery is lost, the repeats come
 * - `late`: sent that many milliseconds after the refund is final
 * - `early`: the refund is final, and notified, before its submit is answered (with the older status 0)
 * - `doubled`, `times_30`: that many deliveries at once
 * - `reordered`: after it was acknowledged, a signed status 1; `contradictory`: a signed status 3 after 2, or 2 after 3
 * - `forged`: before it, a copy with the opposite status under the true one's signature
 * - `wrong_amount`: another amount, signed; `without_amount`: no amount, signed
 */
export type NotifyFault =
  | 'lost'
  | 'first_lost'
  | { readonly late: number }
  | 'early'
  | 'doubled'
  | 'times_30'
  | 'reordered'
  | 'contradictory'
  | 'forged'
  | 'wrong_amount'
  | 'without_amount'

/**
 * How a paid refund stands in the daily report, if not as it should: not at all, twice, with another amount, in the
 * report of the next day, or broken off.
 */
export type ReportFault = 'left_out' | 'doubled' | 'other_amount' | 'next_day' | 'broken_off'

/** How a refund fares as a whole. */
export interface Course {
  /** every submit is refused with this code; nothing is ever stored */
  readonly refusal?: ReturnCode
  /** the final status; default `2` */
  readonly final?: '2' | '3'
  /** from acceptance to the final status, milliseconds; default: the simulator's `settleMs` */
  readonly settle_ms?: number
  /** queries say 8901 for so many milliseconds after the refund was taken, although its money will move */
  readonly deny_queries_for?: number
  readonly notify?: readonly NotifyFault[]
  /** how it stands in the daily report; default: as it should */
  readonly report?: ReportFault
}

/** A script for one refund: its submits and queries use up the lists one by one, then all is normal. */
export interface Script extends Course {
  readonly submit?: readonly SubmitFault[]
  readonly query?: readonly QueryFault[]
}

/** Where the gateway asks what befalls a call. `attempt` counts the calls for this number from 1. */
export interface Faults {
  submit(no_refund: string, attempt: number): SubmitFault
  query(no_refund: string, attempt: number): QueryFault
  course(no_refund: string): Course
}

export const noFaults: Faults = { submit: () => 'normal', query: () => 'normal', course: () => ({}) }

/** Whether a fault is to answer with that return code. */
export function isReturnCode(fault: SubmitFault | QueryFault): fault is ReturnCode {
  return typeof fault === 'string' && /^\d{4}$/.test(fault)
}

export interface ScriptedFaults extends Faults {
  /** Sets the script of a refund from its next call on. @throws Error for a return code that is none */
  set(no_refund: string, script: Script): void
}

/**
 * Scripts before everything else; a refund with a script meets nothing from `otherwise`.
 *
 * @param matcher asked once, at a refund's first call, unless it already has a script
 */
export function scripted(
  scripts: Readonly<Record<string, Script>>,
  matcher: (no_refund: string) => Script | undefined,
  otherwise: Faults,
): ScriptedFaults {
  const open = new Map<string, { script: Script; submits: SubmitFault[]; queries: QueryFault[] } | undefined>()

  function set(no_refund: string, script: Script): void {
    const submits = [...(script.submit ?? [])]
    const queries = [...(script.query ?? [])]
    for (const fault of [...submits, ...queries]) refuseUnusable(fault)
    if (script.refusal !== undefined) refuseUnusable(script.refusal)
    open.set(no_refund, { script, submits, queries })
  }

  function find(no_refund: string) {
    if (!open.has(no_refund)) {
      const script = matcher(no_refund)
      if (script) set(no_refund, script)
      else open.set(no_refund, undefined)
    }
    return open.get(no_refund)
  }

  for (const [no_refund, script] of Object.entries(scripts)) set(no_refund, script)
  return {
    set,
    submit(no_refund, attempt) {
      const own = find(no_refund)
      return own ? (own.submits.shift() ?? 'normal') : otherwise.submit(no_refund, attempt)
    },
    query(no_refund, attempt) {
      const own = find(no_refund)
      return own ? (own.queries.shift() ?? 'normal') : otherwise.query(no_refund, attempt)
    },
    course(no_refund) {
      return find(no_refund)?.script ?? otherwise.course(no_refund)
    },
  }
}

const NAMES: ReadonlySet<string> = new Set([
  'normal',
  ...NOT_PROCESSED,
  ...ANSWER_LOST,
  ...ANSWER_SPOILT,
  ...ANSWER_FALSE,
])

/** A misspelt step would quietly prove nothing, and a scripted success without a refund would be a lie. */
function refuseUnusable(fault: SubmitFault | QueryFault): void {
  const step = typeof fault === 'string' ? fault : fault.accept_then
  if (step === '0000' || !(isReturnCode(step) || (typeof fault === 'string' && NAMES.has(step)))) {
    throw new Error(`not a usable step of a script: ${step}`)
  }
}
