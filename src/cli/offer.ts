import { closeSync, openSync, writeSync } from 'node:fs'
import type { Difference } from '../books/difference.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { refundJobSchema } from '../refund/job-data.ts'
import { yuanFromFen } from '../refund/money.ts'
import { wrongUsage } from './fault.ts'
import { reasonOf } from './session.ts'

/** A file of refunds that `refundctl enqueue` takes. */
export interface Offer {
  readonly taken: number
  /** those that no job can be made of, each with the reason */
  readonly left: readonly string[]
  add(difference: Difference): Promise<void>
  close(): void
}

/**
 * Writes refunds that only LianLian's books have as job data. Each number is first kept among the unmatched
 * notifications: whatever becomes of the file, a job of it is asked about and never sent.
 */
export function openOffer(path: string, ledger: Pick<Ledger, 'keepUnmatched'>): Offer {
  const file = create(path)
  const left: string[] = []
  let taken = 0
  return {
    left,
    get taken() {
      return taken
    },
    async add({ kind, oid_partner, no_refund = '', theirs }) {
      if (kind !== 'theirs_only' || !theirs) return
      const { fen, no_order, dt_refund, settle_date } = theirs
      const data = { oid_partner, no_refund, money_refund: yuanFromFen(fen), no_order, dt_refund }
      const checked = refundJobSchema.safeParse(data)
      if (!checked.success || dt_refund === undefined) {
        left.push(`${no_refund}: ${dt_refund === undefined ? 'its time cannot be read' : 'no job can have such data'}`)
        return
      }
      const fields = { sta_refund: '2', ...(settle_date !== undefined && { settle_date }) }
      const kept = await ledger.keepUnmatched({ oid_partner, no_refund }, { fen, dt_refund, fields })
      // a job came meanwhile
      if (kept === 'matched') return
      writeSync(file, `${JSON.stringify(checked.data)}\n`)
      taken += 1
    },
    close: () => closeSync(file),
  }
}

/** Not over a file that is there: it may be the offer of another day that nobody has taken yet. */
function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    throw wrongUsage(`--offer: ${reasonOf(error)}`)
  }
}
