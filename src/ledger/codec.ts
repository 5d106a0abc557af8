import { RefundError } from '../refund/errors.ts'
import { RECORD_FORMAT, type RefundRecord } from '../refund/record.ts'

/** A record written by a newer version of this program: left alone until a newer worker comes by. */
export class NewerRecordError extends RefundError {
  constructor(format: number) {
    super('newer_record', `the record has format ${format}, this version knows ${RECORD_FORMAT} at most`)
  }
}

/** The record as stored; its version and token stand beside it, where `commit.lua` writes them. */
export function encodeRecord({ version: _version, token: _token, ...record }: RefundRecord): string {
  return JSON.stringify(record)
}

/** What Redis holds of a record, field by field. */
export interface StoredRecord {
  readonly format: string | null
  readonly version: string | null
  readonly token: string | null
  readonly data: string
}

/** @throws NewerRecordError, or TypeError when what is stored is no record */
export function decodeRecord({ format, version, token, data }: StoredRecord): RefundRecord {
  if (Number(format) > RECORD_FORMAT) throw new NewerRecordError(Number(format))
  const record: unknown = { ...JSON.parse(data), version: Number(version), ...(token !== null && { token }) }
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
