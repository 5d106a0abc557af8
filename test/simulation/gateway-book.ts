import type { RefundRequest } from '../../src/refund/request.ts'

/** A refund that the gateway took. The money moves at `settlesAt`, if it does. */
export interface Entry {
  readonly no_refund: string
  readonly fen: number
  readonly dt_refund: string
  readonly at: number
  /** a query finds it from then on */
  readonly visibleFrom: number
  readonly settlesAt: number
  readonly moves: boolean
  /** sent by somebody else, who uses the same numbers */
  readonly foreign: boolean
}

/** The gateway's own book: what was asked of it, what it took, and what it said of a refund that is not true. */
export class GatewayBook {
  readonly entries: Entry[] = []
  readonly requests: { readonly at: number; readonly request: RefundRequest; readonly text: string }[] = []
  /** numbers about which it told a signed untruth */
  readonly liedAbout = new Set<string>()

  of(no_refund: string): Entry | undefined {
    return this.entries.findLast((entry) => entry.no_refund === no_refund)
  }

  allOf(no_refund: string): Entry[] {
    return this.entries.filter((entry) => entry.no_refund === no_refund)
  }

  statusOf(entry: Entry, now: number): '0' | '2' | '3' {
    if (now < entry.settlesAt) return '0'
    return entry.moves ? '2' : '3'
  }
}
