/** What happened, for a log. Never carries a signature or a body. */
export type SimulatorEvent =
  | {
      readonly event: 'submit' | 'query'
      readonly path: string
      readonly oid_partner?: string
      readonly no_refund?: string
      readonly ret_code?: string
      readonly fault?: string
    }
  | {
      readonly event: 'settled'
      readonly oid_partner: string
      readonly no_refund: string
      readonly oid_refundno: string
      readonly sta_refund: '2' | '3'
      readonly fen: number
    }
  | {
      readonly event: 'notified'
      readonly oid_partner: string
      readonly no_refund: string
      readonly sta_refund: string
      /** what the message was: the true one, or a fault's addition */
      readonly message: 'true' | 'forged' | 'reordered' | 'contradictory'
      readonly acknowledged: boolean
    }

/** One call as it came in and what it was answered: for tests that compare the bytes of resubmissions. */
export interface ReceivedRequest {
  /** epoch milliseconds */
  readonly at: number
  readonly path: string
  readonly body: string
  /** the text fields of the body; empty when it is unreadable */
  readonly fields: Readonly<Record<string, string>>
  /** the code of the answer, also of one that was lost on the way */
  readonly ret_code?: string
  /** the fault that befell the call */
  readonly fault?: string
}
