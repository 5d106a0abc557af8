import {
  type MerchantDefaults,
  parseRefundJob,
  type RefundIdentity,
  type RefundJobData,
  refundJobSchema,
} from '../refund/job-data.ts'
import type { RefundLine } from './refund-lines.ts'

/** A merchant of the settings. */
interface KnownMerchant extends Pick<MerchantDefaults, 'kind'> {
  readonly oid_partner: string
}

export interface CheckedRefund {
  readonly line: number
  readonly data: RefundJobData
  readonly identity: RefundIdentity
  /** hash of the content: tells the same refund from a reused number */
  readonly content: string
  readonly fen: number
}

export interface Checked {
  readonly refunds: readonly CheckedRefund[]
  /** each `line 3: money_refund: expected ...` */
  readonly faults: readonly string[]
  /** lines that say the same as an earlier one: harmless, and left out */
  readonly repeated: readonly string[]
}

/** The default `notify_url` is a setting of the workers; one that is missing there fails the job. */
const KNOWN_TO_WORKERS = 'https://default.invalid/'

/** The workers' own check of every refund, and whether two lines of one number agree. */
export function checkRefunds(
  lines: readonly RefundLine[],
  { merchants, now }: { readonly merchants: readonly KnownMerchant[]; readonly now: number },
): Checked {
  const known = new Map(
    merchants.map(({ oid_partner, kind }) => [oid_partner, { notifyUrl: KNOWN_TO_WORKERS, ...(kind && { kind }) }]),
  )
  const refunds: CheckedRefund[] = []
  const faults: string[] = []
  const repeated: string[] = []
  const first = new Map<string, { readonly line: number; readonly content: string }>()
  for (const entry of lines) {
    const { line } = entry
    if ('fault' in entry) {
      faults.push(`line ${line}: ${entry.fault}`)
      continue
    }
    const parsed = parseRefundJob(entry.data, { timestamp: now, merchants: known })
    if (!parsed.ok) {
      faults.push(...parsed.faults.map((fault) => `line ${line}: ${fault}`))
      continue
    }
    const { identity, content, request } = parsed
    const id = `${identity.oid_partner}/${identity.no_refund}`
    const before = first.get(id)
    if (before === undefined) {
      first.set(id, { line, content })
      refunds.push({ line, data: refundJobSchema.parse(entry.data), identity, content, fen: request.fen })
    } else if (before.content === content) repeated.push(`line ${line}: the same refund as line ${before.line}`)
    else faults.push(`line ${line}: no_refund ${identity.no_refund} stands on line ${before.line} with other content`)
  }
  return { refunds, faults, repeated }
}
