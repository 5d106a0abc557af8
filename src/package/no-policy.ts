import { RefundError } from '../refund/errors.ts'
import type { Policy } from '../refund/policy.ts'

/**
 * The policy of a program that does not have the workers' settings. A cancellation needs none of its figures; whatever
 * asks for one all the same must not be decided here, and is not.
 */
export const NO_POLICY: Policy = {
  get retry() {
    return unknown()
  },
  get maxAttempts() {
    return unknown()
  },
  get quarantine() {
    return unknown()
  },
  get queryDelaysMs() {
    return unknown()
  },
  get queryGiveUpMs() {
    return unknown()
  },
  get holdLookMs() {
    return unknown()
  },
  get maxJobAgeMs() {
    return unknown()
  },
  get orderMaxAgeMs() {
    return unknown()
  },
  get graceMs() {
    return unknown()
  },
  get maxRefundFen() {
    return unknown()
  },
  get dailyCapFen() {
    return unknown()
  },
  get heldEvents() {
    return unknown()
  },
}

function unknown(): never {
  throw new RefundError('no_policy', "only the workers' settings say this")
}
