import type { RefundRecord } from './record.ts'

/** How much of its order's amount a refund takes up, in fen. */
export interface OrderShare {
  readonly reserved: number
  readonly settled: number
}

/**
 * An open refund reserves its amount; a succeeded one has used it. A refund that was closed without payment and is
 * then reported paid has used it too, even beyond the order's amount: that is the recorded contradiction.
 */
export function orderShare(record: RefundRecord | undefined): OrderShare {
  const fen = record?.request?.fen ?? 0
  switch (record?.state) {
    case undefined:
      return { reserved: 0, settled: 0 }
    case 'succeeded':
      return { reserved: 0, settled: fen }
    case 'failed':
    case 'rejected':
      return { reserved: 0, settled: record.contradiction ? fen : 0 }
    default:
      return { reserved: fen, settled: 0 }
  }
}
