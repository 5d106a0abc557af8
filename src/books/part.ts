import type { RefundIdentity } from '../refund/job-data.ts'
import {
  type Compared,
  compareEntries,
  type Known,
  missing,
  type OpenReport,
  type OurRefund,
  reportFor,
  type TheirEntry,
} from './compare.ts'
import { keyOf, readRow } from './rows.ts'

type Entries = [TheirEntry, ...TheirEntry[]]

const LOOK_UP = 500

export interface LookUp {
  lookUp(ids: readonly RefundIdentity[]): Promise<readonly Known[]>
}

/** Compares a part of both books, which has all rows of each number that is in it. */
export async function* comparePart(
  rows: readonly string[][],
  reports: readonly OpenReport[],
  books: LookUp,
): AsyncGenerator<Compared> {
  const { theirs, ours } = byNumber(rows, reports)
  const elsewhere: Entries[] = []
  for (const [key, entries] of theirs) {
    const refund = ours.get(key)
    if (refund) yield compareEntries(entries, knownOf(refund))
    else elsewhere.push(entries)
  }
  for (let at = 0; at < elsewhere.length; at += LOOK_UP) {
    const batch = elsewhere.slice(at, at + LOOK_UP)
    const found = await books.lookUp(batch.map(([first]) => identityOf(first)))
    for (const [place, entries] of batch.entries()) yield compareEntries(entries, found[place])
  }
  for (const [key, refund] of ours) {
    const report = theirs.has(key) ? undefined : reportFor(refund, reports)
    if (report) yield { difference: missing(refund, report), entries: [] }
  }
}

function byNumber(rows: readonly string[][], reports: readonly OpenReport[]) {
  const theirs = new Map<string, Entries>()
  const ours = new Map<string, OurRefund>()
  for (const row of rows) {
    const read = readRow(row, reports)
    if ('ours' in read) {
      ours.set(keyOf(read.ours), read.ours)
      continue
    }
    const key = keyOf(identityOf(read.theirs))
    const same = theirs.get(key)
    if (same) same.push(read.theirs)
    else theirs.set(key, [read.theirs])
  }
  return { theirs, ours }
}

function identityOf({ report, no_refund }: TheirEntry): RefundIdentity {
  return { oid_partner: report.oid_partner, no_refund }
}

function knownOf({ fen, settle_date }: OurRefund): Known {
  return { state: 'succeeded', fen, ...(settle_date !== undefined && { settle_date }) }
}
