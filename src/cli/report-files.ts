import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import type { ReportFile } from '../books/reconcile.ts'
import { overlap, reportOfName } from '../books/report.ts'
import { wrongUsage } from './fault.ts'
import { reasonOf } from './session.ts'

const CHUNK = 131_072

/**
 * Opens reports by the names that LianLian gives them.
 *
 * @throws CommandFault for a file that is none, of a merchant that is not configured, or of a day that another one has
 */
export function openReports(
  paths: readonly string[],
  merchants: readonly { readonly oid_partner: string }[],
): readonly ReportFile[] {
  const files = paths.map((given) => open(given))
  for (const [at, file] of files.entries()) {
    if (!merchants.some(({ oid_partner }) => oid_partner === file.oid_partner)) {
      throw wrongUsage(`${file.file}: ${file.oid_partner} is not a configured merchant`)
    }
    const same = files.slice(0, at).find((other) => overlap(other, file))
    if (same) throw wrongUsage(`${same.file} and ${file.file} have days in common: each refund would stand twice`)
  }
  return files
}

function open(given: string): ReportFile {
  const file = path.basename(given)
  const report = reportOfName(file)
  if (!report) {
    const hint = file.startsWith('JYMXSUM_') ? '; the summary names no single refund' : ''
    throw wrongUsage(`${file}: expected a report named JYMX_<oid_partner>_<yyyyMMdd or yyyyMM>.txt${hint}`)
  }
  try {
    const stat = statSync(given)
    if (!stat.isFile()) throw new Error('not a file')
    if (isUtf16(given)) throw new Error('UTF-16, not a text in ASCII, GBK or UTF-8')
    return { ...report, file, size: stat.size, chunks: () => createReadStream(given, { highWaterMark: CHUNK }) }
  } catch (error) {
    throw wrongUsage(`${file}: ${reasonOf(error)}`)
  }
}

/** By its byte order mark: a spreadsheet has saved it anew. */
function isUtf16(given: string): boolean {
  const mark = Buffer.alloc(2)
  const descriptor = openSync(given, 'r')
  try {
    readSync(descriptor, mark, 0, 2, 0)
  } finally {
    closeSync(descriptor)
  }
  return mark.equals(Buffer.from([0xff, 0xfe])) || mark.equals(Buffer.from([0xfe, 0xff]))
}
