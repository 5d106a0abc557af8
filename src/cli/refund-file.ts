import { readFileSync } from 'node:fs'
import { text as textOf } from 'node:stream/consumers'
import { CommandFault, wrongUsage } from './fault.ts'
import type { Io } from './io.ts'
import { formatOf, type LineFormat, type RefundLine, readLines } from './refund-lines.ts'
import { reasonOf } from './session.ts'

/** @param path NDJSON or CSV with a first row of field names; `-` is stdin */
export async function readRefundFile(io: Io, path: string, format?: LineFormat): Promise<readonly RefundLine[]> {
  const text = await read(io, path)
  const lines = readLines(text, format ?? formatOf(text))
  if (lines.length === 0) throw new CommandFault(`${path}: there is no refund in it`)
  return lines
}

async function read({ stdin }: Io, path: string): Promise<string> {
  try {
    return path === '-' ? await textOf(stdin) : readFileSync(path, 'utf8')
  } catch (error) {
    throw wrongUsage(reasonOf(error))
  }
}
