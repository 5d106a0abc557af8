import { z } from 'zod'
import { contentHash, unreadableContentHash } from './content.ts'
import { epochOfGatewayTime, gatewayTime, hasGatewayTime } from './gateway-time.ts'
import { fenFromYuan } from './money.ts'
import type { LegibleRefund, RefundRequest } from './request.ts'

const MAX_FEN = 10_000_000_000
const METADATA_BYTES = 4096
const MAX_FAULTS = 50
// reading more than these would keep a worker busy for seconds
const MAX_FIELDS = 64
const MAX_METADATA = 512

const text = (form: RegExp, expected: string) => z.string(expected).regex(form, expected)
const yuan = z
  .string('text, an amount in yuan such as "200.01"')
  .regex(/^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?$/, {
    error: 'yuan with at most two decimals, such as "200.01"',
    abort: true,
  })
  .refine((amount) => {
    const fen = fenFromYuan(amount)
    return fen !== undefined && fen >= 1 && fen <= MAX_FEN
  }, 'an amount from 0.01 to 100000000.00')
const moment = z
  .string('text, yyyyMMddHHmmss')
  .refine((value) => epochOfGatewayTime(value) !== undefined, 'a real date and time, yyyyMMddHHmmss')
// `&` and `=` would make the signature source ambiguous
const orderNumber = text(
  /^[\x21-\x25\x27-\x3c\x3e-\x7e]{1,32}$/,
  '1-32 printable ASCII characters without space, & and =',
)
const notifyUrl = z
  .string('text, an http(s) URL')
  .max(128, 'at most 128 characters')
  .refine((value) => /^https?:\/\/[\x21-\x7e]+$/.test(value) && URL.canParse(value), 'an http(s) URL')
const metadataSchema = z
  .record(z.string(), z.string('text'), 'a flat object of texts')
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= METADATA_BYTES, 'at most 4 KiB as JSON')

const shape = {
  no_refund: text(/^[A-Za-z0-9_.-]{1,32}$/, 'text, 1-32 of A-Z a-z 0-9 _ - .'),
  money_refund: yuan,
  no_order: orderNumber.optional(),
  oid_paybill: orderNumber.optional(),
  dt_order: moment.optional(),
  oid_partner: text(/^[0-9]{18}$/, 'text, 18 digits').optional(),
  dt_refund: moment.optional(),
  notify_url: notifyUrl.optional(),
  kind: z.enum(['domestic', 'exchange'], 'domestic or exchange').optional(),
  order_amount: yuan.optional(),
  metadata: metadataSchema.optional(),
  schema_version: z.literal(['1', 1], '1').optional(),
}

/** The data of a job of the queue `refund`, as producers write it. Amounts are yuan as text, times `yyyyMMddHHmmss`. */
export const refundJobSchema = z.strictObject(shape)
export type RefundJobData = z.infer<typeof refundJobSchema>

const HINTS: Readonly<Record<string, string>> = {
  money_order: 'the amount to refund is money_refund',
  amount: 'the amount to refund is money_refund',
  sign: 'the worker signs',
  sign_type: 'the worker signs',
}

/** What the settings of a merchant say for jobs that do not. */
export interface MerchantDefaults {
  readonly notifyUrl?: string
  /** absent: domestic */
  readonly kind?: RefundRequest['kind']
}

/** What a worker knows that a job may leave out. */
export interface JobDefaults {
  /** the job's own timestamp, epoch ms */
  readonly timestamp: number
  /** configured merchants; the only one is the default `oid_partner` */
  readonly merchants: ReadonlyMap<string, MerchantDefaults>
}

/** Who a refund is, when its job names a usable number and a known merchant. */
export interface RefundIdentity {
  readonly oid_partner: string
  readonly no_refund: string
}

/** Job data that stands, as the request to freeze. */
export type ReadableRefund = Extract<ParsedRefund, { ok: true }>

export type ParsedRefund =
  | {
      readonly ok: true
      readonly identity: RefundIdentity
      readonly request: RefundRequest
      readonly content: string
      /** whether the job itself gave `dt_refund` */
      readonly dated: boolean
      readonly order_amount?: number
      readonly metadata?: Readonly<Record<string, string>>
    }
  | {
      readonly ok: false
      /** absent when an event about the number would have no merchant, or no place to go */
      readonly identity?: RefundIdentity
      readonly faults: readonly string[]
      readonly content: string
      /** these come back on the event even so, where they are readable by themselves */
      readonly legible: LegibleRefund
      readonly metadata?: Readonly<Record<string, string>>
    }

/**
 * Reads job data.
 *
 * @returns the request to freeze, or every fault at once, each as `field: what is expected`
 */
export function parseRefundJob(data: unknown, defaults: JobDefaults): ParsedRefund {
  if (isObject(data) && Object.keys(data).length > MAX_FIELDS) {
    return { ok: false, legible: {}, faults: ['job data: too many fields'], content: unreadableContentHash(data) }
  }
  const bloated = isObject(data) && isObject(data.metadata) && Object.keys(data.metadata).length > MAX_METADATA
  const read = bloated ? { ...data, metadata: undefined } : data
  const parsed = refundJobSchema.safeParse(read)
  const given: Record<string, unknown> = isObject(read) ? read : {}
  const faults = parsed.success ? [] : parsed.error.issues.flatMap(describe)
  if (bloated) faults.push('metadata: expected at most 4 KiB as JSON')
  const partner = resolvePartner(given, defaults, faults)
  const notify_url =
    given.notify_url ?? (partner === undefined ? undefined : defaults.merchants.get(partner)?.notifyUrl)
  const timed = hasGatewayTime(defaults.timestamp)
  if (!timed) faults.push("the job's timestamp: expected epoch milliseconds")
  if (isObject(read)) faults.push(...faultsBetween(given, partner, notify_url))

  if (!parsed.success || partner === undefined || typeof notify_url !== 'string' || faults.length > 0) {
    const number = shape.no_refund.safeParse(given.no_refund)
    const metadata = shape.metadata.safeParse(given.metadata).data
    const identified = timed && partner !== undefined && number.success && notify_url !== undefined
    return {
      ok: false,
      ...(identified && { identity: { oid_partner: partner, no_refund: number.data } }),
      legible: legibleFields(given),
      ...(metadata && { metadata }),
      faults: faults.slice(0, MAX_FAULTS),
      content: unreadableContentHash(data),
    }
  }
  const kind = parsed.data.kind ?? defaults.merchants.get(partner)?.kind ?? 'domestic'
  return readable({ ...parsed.data, kind }, partner, notify_url, defaults.timestamp)
}

function legibleFields(given: Record<string, unknown>): LegibleRefund {
  const { data: money_refund } = shape.money_refund.safeParse(given.money_refund)
  const { data: dt_refund } = shape.dt_refund.safeParse(given.dt_refund)
  const { data: no_order } = shape.no_order.safeParse(given.no_order)
  const { data: oid_paybill } = shape.oid_paybill.safeParse(given.oid_paybill)
  return {
    ...(money_refund !== undefined && { fen: fenOf(money_refund) }),
    ...(dt_refund !== undefined && { dt_refund }),
    ...(no_order !== undefined && { no_order }),
    ...(oid_paybill !== undefined && { oid_paybill }),
  }
}

function readable(
  data: RefundJobData & Pick<RefundRequest, 'kind'>,
  oid_partner: string,
  notify_url: string,
  timestamp: number,
): ParsedRefund {
  const { no_refund, money_refund, no_order, oid_paybill, dt_order, dt_refund, kind, order_amount, metadata } = data
  const request: RefundRequest = {
    oid_partner,
    no_refund,
    fen: fenOf(money_refund),
    kind,
    dt_refund: dt_refund ?? gatewayTime(timestamp),
    notify_url,
    ...(no_order !== undefined && { no_order }),
    ...(oid_paybill !== undefined && { oid_paybill }),
    ...(dt_order !== undefined && { dt_order }),
  }
  return {
    ok: true,
    identity: { oid_partner, no_refund },
    request,
    content: contentHash(request),
    dated: dt_refund !== undefined,
    ...(order_amount !== undefined && { order_amount: fenOf(order_amount) }),
    ...(metadata && { metadata }),
  }
}

function faultsBetween(given: Record<string, unknown>, partner: string | undefined, notify_url: unknown): string[] {
  const unnamed = given.no_order === undefined && given.oid_paybill === undefined
  const unheard = partner !== undefined && notify_url === undefined
  // zod leaves this key out without a word
  const hostile = isObject(given.metadata) && Object.hasOwn(given.metadata, '__proto__')
  return [
    ...(hostile ? ['metadata.__proto__: unknown field'] : []),
    ...(unnamed ? ['no_order: this or oid_paybill is required'] : []),
    ...(unheard ? ['notify_url: required, as no default is configured'] : []),
  ]
}

function resolvePartner(given: Record<string, unknown>, defaults: JobDefaults, faults: string[]): string | undefined {
  const { merchants } = defaults
  if (given.oid_partner === undefined) {
    const [only, ...others] = merchants.keys()
    if (only !== undefined && others.length === 0) return only
    faults.push('oid_partner: required, as not exactly one merchant is configured')
    return undefined
  }
  const { data: partner } = shape.oid_partner.safeParse(given.oid_partner)
  if (partner === undefined) return undefined
  if (merchants.has(partner)) return partner
  faults.push(`oid_partner: ${partner} is not a configured merchant`)
  return undefined
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_FAULTS).map((key) => {
      const hint = Object.hasOwn(HINTS, key) ? ` (${HINTS[key]})` : ''
      return `${shownName(key, 64)}: unknown field${hint}`
    })
  }
  if (issue.path.length === 0) return ['job data: an object is expected']
  return [`${shownName(issue.path.join('.'), 96)}: expected ${issue.message}`]
}

/** Control characters, and what a terminal turns round, hides or breaks a line at. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A name that a producer made up, for logs, events and terminals: as it is, or quoted where it could be misread. */
function shownName(name: string, longest: number): string {
  const short = name.slice(0, longest)
  if (/^[\w.-]+$/.test(short)) return short
  return JSON.stringify(short).replaceAll(UNSEEN, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`)
}

function fenOf(amount: string): number {
  const fen = fenFromYuan(amount)
  if (fen === undefined) throw new TypeError('an amount passed its schema but is none')
  return fen
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
