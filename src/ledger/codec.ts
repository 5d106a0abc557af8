import { z } from 'zod'
import { RefundError } from '../refund/errors.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import { type Attempt, NOTHING_LEARNED, RECORD_FORMAT, type RefundRecord } from '../refund/record.ts'
import type { RefundRequest } from '../refund/request.ts'
import type { Snapshot } from '../refund/snapshot.ts'

/** A record written by a newer version of this program: left alone until a newer worker comes by. */
export class NewerRecordError extends RefundError {
  constructor(format: number) {
    super('newer_record', `the record has format ${format}, this version knows ${RECORD_FORMAT} at most`)
  }
}

/** What most have need not be stored of each. */
const USUAL_ATTEMPT = { quarantine: 'full', denials: 0 } as const satisfies Partial<Attempt>
const USUAL_REQUEST = { kind: 'domestic' } as const satisfies Partial<RefundRequest>

const storedData = z.looseObject({
  request: z.looseObject({ kind: z.string().default(USUAL_REQUEST.kind) }).optional(),
  attempts: z
    .array(
      z.looseObject({
        quarantine: z.string().default(USUAL_ATTEMPT.quarantine),
        denials: z.number().default(USUAL_ATTEMPT.denials),
      }),
    )
    .default([]),
})
const STORED = /^(\d+) (\d+) (\S+) (\S+) (\S+) \d+ (\S+)\n([^\n]*)/
const TOMBSTONE = /^tombstone (.*)$/

/**
 * A record as it is stored, see `record.lua`, without its history: what scripts ask for in front, then JSON without what
 * the key and the front say, and without what is as usual.
 */
export function encodeRecord(record: RefundRecord, version: number, token: string): string {
  const { oid_partner: _partner, no_refund: _number, version: _version, token: _token, ...rest } = record
  const { state, holds, content, request, attempts, ...told } = rest
  const fen = request?.fen ?? record.legible?.fen ?? 0
  const head = [RECORD_FORMAT, version, token, state, holds.join('+') || '-', fen, content].join(' ')
  const data = {
    ...without(told, NOTHING_LEARNED),
    ...(request && { request: lean(request) }),
    ...(attempts.length > 0 && { attempts: attempts.map((attempt) => without(attempt, USUAL_ATTEMPT)) }),
  }
  return `${head}\n${JSON.stringify(data)}`
}

function lean(request: RefundRequest): object {
  const { oid_partner: _partner, no_refund: _number, ...rest } = request
  return without(rest, USUAL_REQUEST)
}

function without(fields: object, usual: object): object {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => !(Object.hasOwn(usual, name) && isUsual(value, Reflect.get(usual, name))),
    ),
  )
}

/** Of lists and objects only empty ones are usual. */
function isUsual(value: unknown, usual: unknown): boolean {
  return value === usual || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
}

/**
 * What is stored of a number: its record, its tombstone, or neither.
 *
 * @throws NewerRecordError, SyntaxError or TypeError when what is stored is no record
 */
export function decodeStored(
  id: RefundIdentity,
  stored: string | null | undefined,
): Pick<Snapshot, 'record' | 'tombstone'> {
  if (stored === null || stored === undefined) return {}
  const [, content] = TOMBSTONE.exec(stored) ?? []
  return content === undefined ? { record: decodeRecord(id, stored) } : { tombstone: { content } }
}

/** The lines of a refund's history, each JSON, oldest first. */
export function trailIn(stored: string | null): string[] {
  return stored === null ? [] : stored.split('\n').slice(2)
}

/** See {@link decodeStored}; a tombstone is no record. */
export function decodeRecord({ oid_partner, no_refund }: RefundIdentity, stored: string): RefundRecord {
  const format = Number.parseInt(stored, 10)
  if (format > RECORD_FORMAT) throw new NewerRecordError(format)
  const [, , version, token, state, holds = '-', content, data] = STORED.exec(stored) ?? []
  if (data === undefined) throw new TypeError('the ledger holds something that is no refund record')
  const { request, attempts, ...told } = storedData.parse(JSON.parse(data))
  const record: unknown = {
    version: Number(version),
    token,
    oid_partner,
    no_refund,
    state,
    holds: holds === '-' ? [] : holds.split('+'),
    content,
    ...NOTHING_LEARNED,
    ...told,
    ...(request !== undefined && { request: { oid_partner, no_refund, ...request } }),
    attempts,
  }
  if (!isRecord(record)) throw new TypeError('the ledger holds something that is no refund record')
  return record
}

function isRecord(value: unknown): value is RefundRecord {
  if (typeof value !== 'object' || value === null) return false
  const has = (field: string, type: string) => typeof Reflect.get(value, field) === type
  return has('state', 'string') && has('created_at', 'number') && has('updated_at', 'number')
}
