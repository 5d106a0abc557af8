import { type ParsedRefund, parseRefundJob } from '../../src/refund/job-data.ts'
import { defaults } from './builders.ts'

/** What a job says that must be readable. */
export function accepted(data: unknown, known = defaults()): Extract<ParsedRefund, { ok: true }> {
  const parsed = parseRefundJob(data, known)
  if (!parsed.ok) throw new Error(parsed.faults.join('; '))
  return parsed
}

/** The names of the fields at fault. */
export function faulty(data: unknown, known = defaults()): string[] {
  const parsed = parseRefundJob(data, known)
  return parsed.ok ? [] : parsed.faults.map((fault) => fault.slice(0, fault.indexOf(':')))
}
