/** The three calls, from the bytes received to the reply: check, fault, work, answer. Knows nothing of sockets. */
import type { KeyObject } from 'node:crypto'
import type { Checked, MerchantKeys } from './check.ts'
import { checkQuery, checkSubmit } from './check.ts'
import type { ReceivedRequest, SimulatorEvent } from './events.ts'
import type { Faults, QueryFault, SubmitFault } from './faults.ts'
import { ANSWER_FALSE, ANSWER_LOST, ANSWER_SPOILT, isReturnCode, NOT_PROCESSED } from './faults.ts'
import type { Call, Journal } from './journal.ts'
import { answerFields, claimedPaid, refusalFields } from './messages.ts'
import type { Refund, RefundKind, Refunds } from './refunds.ts'
import type { Answer, Reply } from './reply.ts'
import { falselyPaid, lost, spoilt, whole } from './reply.ts'
import type { Fields } from './signing.ts'

/** The documented paths. */
export const CALLS: Readonly<Record<string, { readonly call: Call; readonly kind: RefundKind }>> = {
  '/refund.htm': { call: 'submit', kind: 'domestic' },
  '/exchangerefund.htm': { call: 'submit', kind: 'exchange' },
  '/refundquery.htm': { call: 'query', kind: 'domestic' },
}

export interface GatewayOptions {
  /** asked anew for every answer */
  readonly privateKey: KeyObject
  readonly merchants: MerchantKeys
  readonly refunds: Refunds
  readonly faults: Faults
  readonly journal: Journal
  readonly signRefusals: boolean
  /** from acceptance to the final status, ms, where the course does not say */
  readonly settleMs: (no_refund: string, attempt: number) => number
  /** Sees to it that the refund becomes final; resolves at once unless the course notifies early. */
  readonly settleLater: (refund: Refund, settleMs: number) => Promise<void>
  readonly onEvent: (event: SimulatorEvent) => void
  readonly now: () => number
}

/** What a call came to, before faults of the answer. */
interface Worked {
  readonly answer: Answer
  readonly fault: SubmitFault | QueryFault | 'deny_queries_for'
}

export interface Gateway {
  /** @param path one of `CALLS` */
  handle(path: string, contentType: string, body: Uint8Array): Promise<Reply>
}

export function createGateway(options: GatewayOptions): Gateway {
  const { merchants, refunds, faults, journal, signRefusals, onEvent, now } = options
  const attempts = new Map<string, number>()

  function nextAttempt(call: Call, { oid_partner, no_refund, oid_refundno }: Fields): number {
    const key = `${call} ${oid_partner}/${no_refund ?? oid_refundno}`
    const attempt = (attempts.get(key) ?? 0) + 1
    attempts.set(key, attempt)
    return attempt
  }

  function refusal(code: string, request: Fields, mayBeSigned: boolean, parameter?: string): Answer {
    return { fields: refusalFields(code, request, parameter), signed: mayBeSigned && signRefusals }
  }

  const standing = (refund: Refund) => answerFields(refund, refunds.status(refund))

  async function submit(kind: RefundKind, fields: Fields): Promise<Worked | { readonly fault: SubmitFault }> {
    const { no_refund = '' } = fields
    const attempt = nextAttempt('submit', fields)
    const fault = faults.submit(no_refund, attempt)
    if (isOneOf(NOT_PROCESSED, fault)) return { fault }
    if (isReturnCode(fault)) return { fault, answer: refusal(fault, fields, true) }
    if (isOneOf(ANSWER_FALSE, fault)) return { fault, answer: { fields: claimedPaid(fields), signed: true } }
    const course = faults.course(no_refund)
    if (course.refusal !== undefined) return { fault, answer: refusal(course.refusal, fields, true) }

    const settleMs = course.settle_ms ?? options.settleMs(no_refund, attempt)
    const taken = refunds.accept(fields, kind, course, settleMs)
    if (typeof taken === 'string') return { fault, answer: refusal(taken, fields, true) }
    // An early notification overtakes an answer that was made before it.
    const before = standing(taken)
    await options.settleLater(taken, settleMs)
    if (typeof fault === 'object') return { fault, answer: refusal(fault.accept_then, fields, true) }
    const finalAtOnce = settleMs === 0 && course.notify?.includes('early') !== true
    return { fault, answer: { fields: finalAtOnce ? standing(refunds.settle(taken)) : before, signed: true } }
  }

  function query(fields: Fields): Worked | { readonly fault: QueryFault } {
    const refund = refunds.find(fields)
    const no_refund = fields.no_refund ?? refund?.no_refund ?? ''
    const fault = faults.query(no_refund, nextAttempt('query', fields))
    if (isOneOf(NOT_PROCESSED, fault)) return { fault }
    // Refused queries were only ever seen without a signature, and with nothing but a code and a text.
    if (isReturnCode(fault)) return { fault, answer: refusal(fault, {}, false) }
    if (!refund) return { fault, answer: refusal('8901', {}, false) }
    if (now() < refund.denied_until) return { fault: 'deny_queries_for', answer: refusal('8901', {}, false) }
    return { fault, answer: { fields: standing(refund), signed: true } }
  }

  async function work(
    call: Call,
    kind: RefundKind,
    checked: Checked,
  ): Promise<Worked | { readonly fault: SubmitFault }> {
    if (!checked.ok) {
      const { fault, fields, verified } = checked
      const known = call === 'submit' && verified
      return { fault: 'normal', answer: refusal(fault.code, known ? fields : {}, known, fault.parameter) }
    }
    return call === 'submit' ? await submit(kind, checked.fields) : query(checked.fields)
  }

  function replyTo(worked: Worked | { readonly fault: SubmitFault }): Reply {
    const { fault } = worked
    if (isOneOf(NOT_PROCESSED, fault) || isOneOf(ANSWER_LOST, fault)) return lost(fault)
    if (!('answer' in worked)) throw new Error('no answer was made')
    if (isOneOf(ANSWER_FALSE, fault)) return falselyPaid(worked.answer, fault, options.privateKey)
    return isOneOf(ANSWER_SPOILT, fault)
      ? spoilt(worked.answer, fault, options.privateKey)
      : whole(worked.answer, options.privateKey)
  }

  return {
    async handle(path, contentType, body) {
      const route = CALLS[path]
      if (!route) throw new Error(`not a path of the gateway: ${path}`)
      const { call, kind } = route
      const at = now()
      const checked = (call === 'submit' ? checkSubmit : checkQuery)(contentType, body, merchants)
      const worked = await work(call, kind, checked)
      const ret_code = 'answer' in worked ? worked.answer.fields.ret_code : undefined
      const what: Pick<ReceivedRequest, 'ret_code' | 'fault'> = {
        ...(ret_code !== undefined && { ret_code }),
        ...(worked.fault !== 'normal' && { fault: nameOf(worked.fault) }),
      }
      const { oid_partner, no_refund } = checked.fields
      const text = new TextDecoder().decode(body)
      journal.add(call, { at, path, body: text, fields: checked.fields, ...what })
      onEvent({
        event: call,
        path,
        ...(oid_partner !== undefined && { oid_partner }),
        ...(no_refund !== undefined && { no_refund }),
        ...what,
      })
      return replyTo(worked)
    },
  }
}

function isOneOf<const T extends string>(names: readonly T[], fault: unknown): fault is T {
  return names.some((name) => name === fault)
}

function nameOf(fault: Worked['fault']): string {
  return typeof fault === 'object' ? `accept_then ${fault.accept_then}` : fault
}
