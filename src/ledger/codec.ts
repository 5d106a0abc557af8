import { RefundError } from '../refund/errors.ts'
import { RECORD_FORMAT, type RefundRecord } from '../refund/record.ts'

/** A record written by a newer version of this program: left alone until a newer worker comes by. */
export class NewerRecordError extends RefundError {
  constructor(format: number) {
    super('newer_record', `the record has format ${format}, this version knows ${RECORD_FORMAT} at most`)
  }
}

/** The record as stored; its version stands beside it, where `commit.lua` counts it. */
export function encodeRecord({ version: _version, ...record }: RefundRecord): string {
  return JSON.stringify(record)
}

/** @throws NewerRecordError, or TypeError when what is stored is no record */
export function decodeRecord(format: string | null, version: string | null, data: string): RefundRecord {
  if (Number(format) > RECORD_FORMAT) throw new NewerRecordError(Number(format))
  const record: unknown = { ...JSON.parse(data), version: Number(version) }
  if (!isRecord(record)) throw new TypeError('the ledger holds something that is no refund record')
  return record
}

function isRecord(value: unknown): value is RefundRecord {
  if (typeof value !== 'object' || value === null) return false
  const has = (field: string, type: string) => typeof Reflect.get(value, field) === type
  return (
    has('oid_partner', 'string') && has('no_refund', 'string') && has('state', 'string') && has('version', 'number')
  )
}
