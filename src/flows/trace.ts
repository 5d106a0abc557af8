import type { RefundIdentity } from '../refund/job-data.ts'

/** What is worth a span of its own in the trace of a refund. */
export type WorkName = 'gateway submit' | 'gateway query' | 'notification' | 'publish'

export type WorkFacts = Readonly<Record<string, string | number | undefined>>

/** A refund, and the trace that it belongs to. */
export interface Traced extends RefundIdentity {
  readonly traceparent?: string
}

/**
 * Ends the work.
 *
 * @param facts ids, codes and states; no amounts, nothing of people, nothing secret
 * @param failure why it failed, in few words
 */
export type EndWork = (refund: Traced, facts: WorkFacts, failure?: string) => void

/** Starts a piece of work; which refund it was about may turn out later. Work that is never ended is not told. */
export type Trace = (name: WorkName) => EndWork
