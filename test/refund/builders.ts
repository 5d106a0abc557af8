import { type JobDefaults, type ParsedRefund, parseRefundJob } from '../../src/refund/job-data.ts'
import type { ImportSeen, JobSeen, Notice, ObservationOf, Permit } from '../../src/refund/observation.ts'
import type { GatewayFields, QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import type { Policy } from '../../src/refund/policy.ts'

/** 2026-11-21 12:00:00 UTC, 20:00:00 for the gateway. */
export const T0 = Date.UTC(2026, 10, 21, 12)
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** How long a claim stands in these tests. */
export const CLAIM_MS = 33 * SECOND

/** The defaults of the settings. */
export const POLICY: Policy = {
  retry: { baseMs: 2 * SECOND, factor: 2, capMs: HOUR, jitter: 0.5 },
  maxAttempts: 12,
  quarantine: { short: { minAgeMs: MINUTE, minCount: 2 }, full: { minAgeMs: 15 * MINUTE, minCount: 3 } },
  queryDelaysMs: [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY],
  queryGiveUpMs: 7 * DAY,
  holdLookMs: 30 * MINUTE,
  maxJobAgeMs: 30 * DAY,
  orderMaxAgeMs: 180 * DAY,
  graceMs: 5 * SECOND,
  heldEvents: false,
}

/** One denied query is enough, at once: the setting that the contract names for fast tests. */
export const EAGER: Policy = {
  ...POLICY,
  quarantine: { short: { minAgeMs: 0, minCount: 1 }, full: { minAgeMs: 0, minCount: 1 } },
}

export const PARTNER = '201103171000000000'
export const NUMBER = '2013051500001'
export const DATA = { no_refund: NUMBER, money_refund: '200.01', no_order: '2013051500009' }
export const FEN = 20_001
/** `dt_refund` of a job of `T0` that gives none. */
export const DT = '20261121200000'
export const NOTIFY_URL = 'https://merchant.example/notifications/refund'

/** What every event of `DATA` has. */
export const ENVELOPE = {
  specversion: '1.0',
  source: `/lianlian/refunds/${PARTNER}`,
  subject: NUMBER,
  datacontenttype: 'application/json',
} as const

export function defaults(timestamp = T0): JobDefaults {
  return { timestamp, merchants: new Map([[PARTNER, { notifyUrl: NOTIFY_URL }]]) }
}

export function parse(data: unknown, timestamp = T0): ParsedRefund {
  return parseRefundJob(data, defaults(timestamp))
}

/** A job of the queue `refund`, as the submit flow hands it on. */
export function job(data: object = {}, seen: Partial<Omit<JobSeen, 'type' | 'parsed'>> = {}): JobSeen {
  const at = seen.at ?? T0
  return { type: 'job', job: 'job-1', ...seen, at, parsed: parse({ ...DATA, ...data }, at) }
}

const BY = { by: 'ann', reason: 'ticket 7' } as const

/** A refund that another system has begun, as `refundctl import` brings it in. */
export function imported(data: object = {}, seen: Partial<Omit<ImportSeen, 'type' | 'parsed'>> = {}): ImportSeen {
  const parsed = parse({ ...DATA, dt_refund: DT, ...data })
  if (!parsed.ok) throw new Error(parsed.faults.join())
  return { type: 'import', at: T0, askOnly: false, ...BY, ...seen, parsed }
}

export const OTHER_CONTENT = { money_refund: '200.02' }
export const BAD_DATA = { money_refund: '1.' }

export function claimUntil(deadline: number, token = 'token-1'): Permit {
  return { claim: { token, deadline } }
}

export function blockedUntil(until: number, reason = 'the rate is spent'): Permit {
  return { blocked: { until, reason } }
}

const OK: GatewayFields = { ret_code: '0000', ret_msg: '交易成功' }

/** Every result of a submit, by what it teaches. */
export const submits = {
  accepted: (sta_refund?: string): SubmitOutcome => ({
    kind: 'accepted',
    fields: { ...OK, oid_refundno: '2013051613121201', ...(sta_refund !== undefined && { sta_refund }) },
  }),
  alreadyKnown: { kind: 'already_known', fields: { ret_code: '1002', ret_msg: '第三方单号重复' } },
  refused: { kind: 'refused', conclusive: true, quarantine: 'full', fields: { ret_code: '5002', ret_msg: '已退款' } },
  /** 5007 always, and any refusal that is unsigned and not trusted. */
  refusedUnsure: {
    kind: 'refused',
    conclusive: false,
    quarantine: 'full',
    fields: { ret_code: '5007', ret_msg: '退款金额过大' },
  },
  noBalance: {
    kind: 'needs_operator',
    hold: 'insufficient_balance',
    quarantine: 'full',
    fields: { ret_code: '5006', ret_msg: '余额不足' },
  },
  misconfigured: {
    kind: 'needs_operator',
    hold: 'configuration',
    quarantine: 'short',
    fields: { ret_code: '1008', ret_msg: '商户请求IP错误' },
  },
  timeout: { kind: 'unclear', reason: 'time-out', quarantine: 'full', fields: {} },
  busy: { kind: 'unclear', reason: 'code 1007', quarantine: 'short', fields: { ret_code: '1007' } },
  neverLeft: { kind: 'never_left', reason: 'ECONNREFUSED', unreachable: true },
} as const satisfies Record<string, SubmitOutcome | ((sta_refund?: string) => SubmitOutcome)>

/** Every result of a query, by what it teaches. */
export const queries = {
  found: (sta_refund?: string, fen = FEN): QueryOutcome => ({
    kind: 'found',
    fen,
    fields: { ...OK, ...(sta_refund !== undefined && { sta_refund }) },
  }),
  denied: { kind: 'denied', fields: { ret_code: '8901', ret_msg: '没有记录' } },
  stopped: { kind: 'needs_operator', fields: { ret_code: '1001', ret_msg: '商户请求签名错误' } },
  silent: { kind: 'inconclusive', reason: 'time-out', unreachable: false, fields: {} },
} as const satisfies Record<string, QueryOutcome | ((sta_refund?: string, fen?: number) => QueryOutcome)>

export function submit(outcome: SubmitOutcome, token = 'token-1'): ObservationOf<'submit'> {
  return { type: 'submit', token, outcome }
}

export function query(outcome: QueryOutcome, askedAt: number, permit?: Permit): ObservationOf<'query'> {
  return { type: 'query', askedAt, outcome, ...(permit && { permit }) }
}

/** A notification about the refund of `DATA`; what is `undefined` in `differing` was missing. */
export function notice(
  sta_refund: string | undefined,
  differing: { readonly fen?: number | undefined; readonly dt_refund?: string | undefined } = {},
): ObservationOf<'notice'> {
  const { fen, dt_refund } = { fen: FEN, dt_refund: DT, ...differing }
  const told: Notice = {
    ...(fen !== undefined && { fen }),
    ...(dt_refund !== undefined && { dt_refund }),
    fields: sta_refund === undefined ? {} : { sta_refund },
  }
  return { type: 'notice', notice: told }
}

/** What a person may say about a refund. */
export const operator = {
  hold: { type: 'hold', ...BY },
  release: { type: 'release', ...BY },
  requery: { type: 'requery', ...BY },
  cancel: { type: 'cancel', ...BY },
  replay: { type: 'replay', ...BY },
  erase: { type: 'erase', ...BY },
  resolve: (outcome: 'succeeded' | 'failed' = 'succeeded'): ObservationOf<'resolve'> => ({
    type: 'resolve',
    by: 'ann',
    outcome,
    evidence: 'bank statement 12',
  }),
} as const
