import { performance } from 'node:perf_hooks'
import type { Snapshot } from '../refund/snapshot.ts'
import { inBulk } from './bulk.ts'
import type { Io } from './io.ts'
import type { CheckedRefund } from './refund-check.ts'
import type { Session } from './session.ts'

export interface Standing {
  /** numbers that were never used, or were rejected and may be opened anew */
  readonly fresh: readonly CheckedRefund[]
  /** the same refund stands in the ledger: adding it again would change nothing */
  readonly known: readonly string[]
  /** the number stands for another refund */
  readonly conflicts: readonly string[]
}

const AT_ONCE = 100

/** What the ledger knows of refunds that somebody is about to ask for. */
export async function standingOf(io: Io, { ledger }: Session, refunds: readonly CheckedRefund[]): Promise<Standing> {
  const lines: { readonly refund: CheckedRefund; readonly against: Against }[] = []
  const bulk = { done: 'looked up', concurrency: AT_ONCE, monotonic: () => performance.now() }
  await inBulk(io, refunds, bulk, async (refund) => {
    lines.push({ refund, against: against(await ledger.read(refund.parsed.identity), refund) })
  })
  const told = (kind: Against['kind']) =>
    lines
      .filter((line) => line.against.kind === kind)
      .toSorted((a, b) => a.refund.line - b.refund.line)
      .map(({ refund, against: { note } }) => `line ${refund.line}: ${refund.data.no_refund} ${note}`)
  const fresh = new Set(lines.filter((line) => line.against.kind === 'fresh').map((line) => line.refund))
  return { fresh: refunds.filter((refund) => fresh.has(refund)), known: told('known'), conflicts: told('conflict') }
}

interface Against {
  readonly kind: 'fresh' | 'known' | 'conflict'
  readonly note: string
}

const OTHER_CONTENT = 'was used for a refund with other content'

function against({ record, tombstone }: Snapshot, { parsed: { content } }: CheckedRefund): Against {
  if (tombstone) {
    return tombstone.content === content
      ? { kind: 'known', note: 'was settled long ago' }
      : { kind: 'conflict', note: OTHER_CONTENT }
  }
  if (!record) return { kind: 'fresh', note: '' }
  if (record.content === content) return { kind: 'known', note: `is ${record.state} already` }
  const opensAnew = record.state === 'rejected' && !record.contradiction
  return opensAnew ? { kind: 'fresh', note: '' } : { kind: 'conflict', note: OTHER_CONTENT }
}
