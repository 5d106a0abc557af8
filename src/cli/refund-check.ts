import {
  type JobDefaults,
  parseRefundJob,
  type ReadableRefund,
  type RefundJobData,
  refundJobSchema,
} from '../refund/job-data.ts'
import type { Policy } from '../refund/policy.ts'
import { WARNINGS, warningsOf } from '../refund/warnings.ts'
import type { RefundLine } from './refund-lines.ts'
import { counted, shownYuan } from './text.ts'

export interface CheckedRefund {
  readonly line: number
  readonly data: RefundJobData
  readonly parsed: ReadableRefund
}

export interface Checked {
  readonly refunds: readonly CheckedRefund[]
  /** each `line 3: money_refund: expected ...` */
  readonly faults: readonly string[]
  /** lines that say the same as an earlier one: harmless, and left out */
  readonly repeated: readonly string[]
  /** what stands, and is likely a mistake or in vain */
  readonly warnings: readonly string[]
}

interface CheckOptions extends Pick<JobDefaults, 'merchants'> {
  readonly policy: Policy
  readonly now: number
}

/** The workers' own check of every refund, and whether two lines of one number agree. */
export function checkRefunds(lines: readonly RefundLine[], { merchants, policy, now }: CheckOptions): Checked {
  const refunds: CheckedRefund[] = []
  const faults: string[] = []
  const repeated: string[] = []
  const warnings: string[] = []
  const first = new Map<string, CheckedRefund>()
  for (const entry of lines) {
    const { line } = entry
    if ('fault' in entry) {
      faults.push(`line ${line}: ${entry.fault}`)
      continue
    }
    const parsed = parseRefundJob(entry.data, { timestamp: now, merchants })
    if (!parsed.ok) {
      faults.push(...parsed.faults.map((fault) => `line ${line}: ${fault}`))
      continue
    }
    const { oid_partner, no_refund } = parsed.identity
    const id = `${oid_partner}/${no_refund}`
    const before = first.get(id)
    if (before === undefined) {
      const refund = { line, data: refundJobSchema.parse(entry.data), parsed }
      first.set(id, refund)
      refunds.push(refund)
      for (const warning of warningsOf(parsed.request, policy, now)) {
        warnings.push(`line ${line}: warning: ${WARNINGS[warning]}`)
      }
    } else if (isSame(before.parsed, parsed)) repeated.push(`line ${line}: the same refund as line ${before.line}`)
    else faults.push(`line ${line}: no_refund ${no_refund} stands on line ${before.line} with other content`)
  }
  return { refunds, faults, repeated, warnings }
}

function isSame(first: ReadableRefund, other: ReadableRefund): boolean {
  const redated = first.dated && other.dated && first.request.dt_refund !== other.request.dt_refund
  return first.content === other.content && !redated
}

export function sumOf(refunds: readonly CheckedRefund[]): string {
  const fen = refunds.reduce((sum, { parsed }) => sum + parsed.request.fen, 0)
  return `${counted(refunds.length, 'refund')}, ${shownYuan(fen)} yuan`
}
