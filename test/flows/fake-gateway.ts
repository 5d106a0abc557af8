import type { Gateway } from '../../src/flows/ports.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import type { RefundRequest } from '../../src/refund/request.ts'
import { queries, submits } from '../refund/builders.ts'

type Submit = (request: RefundRequest, mayWrite: () => boolean) => SubmitOutcome | Promise<SubmitOutcome>
type Query = (request: RefundRequest) => QueryOutcome | Promise<QueryOutcome>

/**
 * A gateway of the worse kind: whoever sends a number twice pays twice. Its book is its own; what it answers can be
 * scripted call by call, and is honest where no script is left.
 */
export class FakeGateway implements Gateway {
  /** Every payment, as it was asked for. */
  readonly book: RefundRequest[] = []
  /** What becomes of a payment; `0` while it is under way. */
  status = '0'
  readonly submitScript: Submit[] = []
  readonly queryScript: Query[] = []
  submitCalls = 0
  queryCalls = 0

  async submit(request: RefundRequest, mayWrite: () => boolean): Promise<SubmitOutcome> {
    this.submitCalls += 1
    const scripted = this.submitScript.shift()
    return await (scripted ?? this.honestly)(request, mayWrite)
  }

  async query(request: RefundRequest): Promise<QueryOutcome> {
    this.queryCalls += 1
    const scripted = this.queryScript.shift()
    return await (scripted ?? this.truth)(request)
  }

  /** Pays, and says so, unless the claim ran out. */
  readonly honestly: Submit = (request, mayWrite) => {
    if (!mayWrite()) return { kind: 'never_left', reason: 'the claim ran out', unreachable: false }
    this.book.push(request)
    return submits.accepted(this.status)
  }

  readonly truth: Query = ({ no_refund }) => {
    const paid = this.book.find((request) => request.no_refund === no_refund)
    return paid ? queries.found(this.status, paid.fen) : queries.denied
  }

  /** Pays, and the answer is lost. */
  readonly silently: Submit = async (request, mayWrite) => {
    const outcome = await this.honestly(request, mayWrite)
    return outcome.kind === 'accepted' ? submits.timeout : outcome
  }

  paymentsOf(no_refund: string): number {
    return this.book.filter((request) => request.no_refund === no_refund).length
  }
}
