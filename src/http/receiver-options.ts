import type { FastifyBaseLogger } from 'fastify'
import type { NoticeResult } from '../flows/notice.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { Notice } from '../refund/observation.ts'

/** What reading a notification's body gave; see `src/lianlian/notification.ts`. */
export type Reading =
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'forged'; readonly reason: string }
  /** verified, and yet nothing that could be stored */
  | { readonly kind: 'unusable'; readonly reason: string }
  | Verified

export interface Verified {
  readonly kind: 'verified'
  readonly id: RefundIdentity
  readonly notice: Notice
}

export interface ReceiverOptions {
  readonly path: string
  /** addresses and CIDR ranges that may send; absent: everyone */
  readonly allowFrom?: readonly string[]
  /** whether the address may send what is about this merchant; absent: all that may send at all */
  readonly mayNotify?: (oid_partner: string, ip: string) => boolean
  /** addresses and CIDR ranges of proxies whose X-Forwarded-For is believed */
  readonly trustProxy: readonly string[]
  readonly logger: FastifyBaseLogger
  readonly read: (body: Uint8Array) => Reading
  /** resolves when the result is stored */
  readonly store: (id: RefundIdentity, notice: Notice) => Promise<NoticeResult>
  /** counts what is not stored, e.g. `notice:bad_signature` */
  readonly count: (counts: Readonly<Record<string, number>>) => Promise<void>
  readonly limits?: ReceiverLimits
}

/** Times in ms. */
export interface ReceiverLimits {
  /** until all headers of a request are there */
  readonly headersMs: number
  /** until the whole request is there */
  readonly requestMs: number
  /** how often these two are looked at */
  readonly checkMs: number
  /** Open at once. Each may hold 16 KiB of headers and 64 KiB of body: some 80 MiB in all. */
  readonly connections: number
}

export const LIMITS: ReceiverLimits = { headersMs: 8_000, requestMs: 10_000, checkMs: 2_000, connections: 1_000 }
