import type { Command } from 'commander'
import type { RefundRecord } from '../../refund/record.ts'
import { CommandFault } from '../fault.ts'
import { type Io, say } from '../io.ts'
import { type Format, outputOption, putOne, putRows, refundRows } from '../output.ts'
import { partnerOption } from '../select.ts'
import { partnerOf, type Session, withSession } from '../session.ts'
import { refundView } from '../view.ts'
import { watched, watchOption } from '../watch.ts'

interface Options {
  readonly partner?: string
  readonly output: Format
  readonly watch?: number
}

export function addGet(program: Command, io: Io): void {
  program
    .command('get')
    .summary('show refunds by their numbers')
    .description('Shows refunds by their numbers. In JSON one number gives an object, several give an array.')
    .argument('<no_refund...>', 'refund numbers')
    .addOption(partnerOption())
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText(
      'after',
      `
Examples:
  refundctl get 2013051500001
  refundctl get 2013051500001 -o json | jq .state
  refundctl get 2013051500001 2013051500002 --watch 5`,
    )
    .action(async (numbers: string[], { partner, output, watch }: Options) =>
      withSession(io, async (session) => {
        const oid_partner = partnerOf(session.settings, partner)
        await watched(
          io,
          watch,
          () => readAll(session, oid_partner, numbers),
          ({ found, missing, now }) => show(io, { output, found, missing, now, numbers, session }),
        )
      }),
    )
}

interface Read {
  readonly now: number
  readonly found: readonly RefundRecord[]
  readonly missing: readonly string[]
}

async function readAll({ ledger, now }: Session, oid_partner: string, numbers: readonly string[]): Promise<Read> {
  const snapshots = await Promise.all(numbers.map(async (no_refund) => ledger.read({ oid_partner, no_refund })))
  return {
    now: snapshots[0]?.now ?? now,
    found: snapshots.flatMap(({ record }) => (record ? [record] : [])),
    missing: snapshots.flatMap(({ record, tombstone, unmatched }, at) => {
      if (record) return []
      return [`${numbers[at]}: ${absence(tombstone !== undefined, unmatched !== undefined)}`]
    }),
  }
}

/** Why the ledger has no record of a number. */
export function absence(retired: boolean, noticed: boolean): string {
  if (retired) return 'settled long ago; only its number is remembered'
  return noticed ? 'no such refund, but a notification of it came: see refundctl unmatched' : 'no such refund'
}

async function show(
  io: Io,
  {
    output,
    found,
    missing,
    now,
    numbers,
    session,
  }: Read & { output: Format; numbers: readonly string[]; session: Session },
): Promise<void> {
  const [only] = found
  if (output !== 'table' && numbers.length === 1) {
    if (only) await putOne(io, output, refundView(only))
  } else {
    await putRows(io, output, refundRows(now, session.settings.merchants.length > 1), found)
  }
  if (missing.length === 0) return
  const [last = '', ...others] = missing.toReversed()
  for (const line of others.toReversed()) say(io, `refundctl: ${line}`)
  throw new CommandFault(last)
}
