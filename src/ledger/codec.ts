import { z } from 'zod'
import { RefundError } from '../refund/errors.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import { FINAL_STATES, NOTHING_LEARNED, RECORD_FORMAT, type RefundRecord, STATES } from '../refund/record.ts'
import type { RefundRequest } from '../refund/request.ts'
import type { Snapshot } from '../refund/snapshot.ts'

/** A record written by a newer version of this program: left alone until a newer worker comes by. */
export class NewerRecordError extends RefundError {
  constructor(format: number) {
    super('newer_record', `the record has format ${format}, this version knows ${RECORD_FORMAT} at most`)
  }
}

const dataSchema = z.looseObject({
  state: z.enum(STATES),
  events: z.number().default(0),
  created_at: z.number(),
  updated_at: z.number(),
  request: z.looseObject({}).optional(),
  attempts: z.array(z.looseObject({ fate: z.string() })).default([]),
})
const STORED = /^(\d+) (\d+) (\S+) (\S+) (\S+) \d+ (\S+)\n([^\n]*)/
const TOMBSTONE = /^tombstone (.*)$/

/**
 * A record as it is stored, see `record.lua`, without its history: what scripts ask for in front, then JSON without what
 * the key and the front say, and without what is as usual.
 */
export function encodeRecord(record: RefundRecord, version: number, token: string): string {
  const { state, holds, content, request, attempts } = record
  const fen = request?.fen ?? record.legible?.fen ?? 0
  const head = [RECORD_FORMAT, version, token, state, holds.join('+') || '-', fen, content].join(' ')
  const data = lean(record, usualOf(record), IN_FRONT_OR_BELOW)
  if (request) data.request = lean(request, USUAL_REQUEST, IDENTITY)
  if (attempts.length > 0) {
    data.attempts = attempts.map((attempt, at) => lean(attempt, usualAttempt(record, attempt.fate, at)))
  }
  return `${head}\n${JSON.stringify(data)}`
}

type Fields = Readonly<Record<string, unknown>>

const IDENTITY: ReadonlySet<string> = new Set(['oid_partner', 'no_refund'])
/** What the key or the front line says of a record, and what {@link encodeRecord} stores in a form of its own. */
const IN_FRONT_OR_BELOW: ReadonlySet<string> = new Set([
  ...IDENTITY,
  'version',
  'token',
  'state',
  'holds',
  'content',
  'request',
  'attempts',
])
const NOTHING: ReadonlySet<string> = new Set()

const { attempts: _none, ...NOTHING_LEARNED_ELSE } = NOTHING_LEARNED

type Times = Pick<RefundRecord, 'created_at' | 'updated_at'>

/** What most records have need not be stored of each. */
function usualOf({ state, events, created_at, updated_at }: Times & Pick<RefundRecord, 'state' | 'events'>): Fields {
  const isSettled = state !== 'rejected' && (FINAL_STATES as readonly string[]).includes(state) && events > 0
  return {
    ...NOTHING_LEARNED_ELSE,
    quiet_since: created_at,
    ...(isSettled && { event: { type: `refund.${state}`, time: updated_at } }),
  }
}

const USUAL_REQUEST = { kind: 'domestic' } satisfies Partial<RefundRequest>

function usualAttempt({ created_at, updated_at }: Times, fate: string, at: number): Fields {
  return {
    number: at + 1,
    quarantine: 'full',
    claimed_at: created_at,
    ...(fate === 'accepted' && { quarantined_from: updated_at }),
    denials: 0,
  }
}

/** Without what is as usual; what is usual and yet missing is null. */
function lean(fields: object, usual: Fields, without = NOTHING): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const name of Object.keys(fields)) {
    const value: unknown = Reflect.get(fields, name)
    if (!without.has(name) && !isUsual(value, usual[name])) kept[name] = value
  }
  for (const name of Object.keys(usual)) if (!(name in fields)) kept[name] = null
  return kept
}

/** Undoes {@link lean}. */
function full(kept: Fields, usual: Fields): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const name of Object.keys(usual)) if (!(name in kept)) fields[name] = usual[name]
  for (const name of Object.keys(kept)) if (kept[name] !== null) fields[name] = kept[name]
  return fields
}

function isUsual(value: unknown, usual: unknown): boolean {
  if (!isFields(value) || !isFields(usual)) return value === usual
  const names = Object.keys(value)
  return names.length === Object.keys(usual).length && names.every((name) => value[name] === usual[name])
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

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
export function decodeRecord({ oid_partner, no_refund }: RefundIdentity, text: string): RefundRecord {
  const format = Number.parseInt(text, 10)
  if (format > RECORD_FORMAT) throw new NewerRecordError(format)
  const [, , version, token, state, holds = '-', content, data] = STORED.exec(text) ?? []
  if (data === undefined) throw new TypeError('the ledger holds something that is no refund record')
  const { request, attempts, ...told } = dataSchema.parse({ ...JSON.parse(data), state })
  const record: unknown = {
    version: Number(version),
    token,
    oid_partner,
    no_refund,
    state,
    holds: holds === '-' ? [] : holds.split('+'),
    content,
    ...full(told, usualOf(told)),
    ...(request !== undefined && { request: { oid_partner, no_refund, ...full(request, USUAL_REQUEST) } }),
    attempts: attempts.map((attempt, at) => full(attempt, usualAttempt(told, attempt.fate, at))),
  }
  if (!isRecord(record)) throw new TypeError('the ledger holds something that is no refund record')
  return record
}

function isRecord(value: unknown): value is RefundRecord {
  if (typeof value !== 'object' || value === null) return false
  const has = (field: string, type: string) => typeof Reflect.get(value, field) === type
  return has('state', 'string') && has('created_at', 'number') && has('updated_at', 'number')
}
