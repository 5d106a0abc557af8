import { createHash } from 'node:crypto'
import type { RefundRequest } from './request.ts'

/**
 * What makes two jobs the same refund: partner, number, fen, kind and the order's identifiers.
 * `dt_refund` is compared apart, and only where a job gives it, since its default depends on the job.
 */
export function contentHash(request: RefundRequest): string {
  const { oid_partner, no_refund, fen, kind, no_order, oid_paybill, dt_order } = request
  return digest([oid_partner, no_refund, fen, kind, no_order ?? '', oid_paybill ?? '', dt_order ?? ''])
}

/** The same for job data that could not be read: equal data gives an equal hash, and never that of a readable job. */
export function unreadableContentHash(data: unknown): string {
  try {
    return digest({ unreadable: data })
  } catch {
    // JSON.stringify gives up on a nest of some thousand levels, which JSON.parse takes
    return digest({ unreadable: 'nested too deep' })
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
}
