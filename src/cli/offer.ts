import { closeSync, openSync, writeFileSync } from 'node:fs'
import type { Difference } from '../books/difference.ts'
import { refundJobSchema } from '../refund/job-data.ts'
import { yuanFromFen } from '../refund/money.ts'
import { wrongUsage } from './fault.ts'
import { reasonOf } from './session.ts'

/** A file of refunds that `refundctl enqueue` takes. */
export interface Offer {
  readonly taken: number
  /** those that no job can be made of, each with the reason */
  readonly left: readonly string[]
  /** Call it once the number is doubted: whatever becomes of the file, a job of it is asked about and never sent. */
  add(difference: Difference): void
  close(): void
}

/** Writes refunds that only LianLian's books have as job data. */
export function openOffer(path: string): Offer {
  const file = create(path)
  const left: string[] = []
  let taken = 0
  return {
    left,
    get taken() {
      return taken
    },
    add({ oid_partner, no_refund = '', theirs }) {
      if (!theirs) return
      const { fen, no_order, dt_refund } = theirs
      const data = { oid_partner, no_refund, money_refund: yuanFromFen(fen), no_order, dt_refund }
      const checked = refundJobSchema.safeParse(data)
      if (!checked.success || dt_refund === undefined) {
        left.push(`${no_refund}: ${dt_refund === undefined ? 'its time cannot be read' : 'no job can have such data'}`)
        return
      }
      // all of it or an error, also on a disk that is all but full
      writeFileSync(file, `${JSON.stringify(checked.data)}\n`)
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
