import type { Command } from 'commander'
import type { UnmatchedNotice } from '../../ledger/unmatched.ts'
import { yuanFromFen } from '../../refund/money.ts'
import { actorOf, type ConsentOptions, consent, consentOptions } from '../consent.ts'
import { shownDuration } from '../duration.ts'
import { CommandFault, wrongUsage } from '../fault.ts'
import { type Io, say } from '../io.ts'
import { type Format, outputOption, putRows } from '../output.ts'
import { type Session, withSession } from '../session.ts'
import { counted, harmless, shownYuan } from '../text.ts'

export function addUnmatched(program: Command, io: Io): void {
  const unmatched = program
    .command('unmatched')
    .summary('notifications of refunds that nobody knows')
    .description(
      'Lists verified notifications of refunds that the ledger does not know: somebody else sent them with our number. ' +
        'Find out who, then dismiss them.',
    )
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExamples:\n  refundctl unmatched\n  refundctl unmatched dismiss 1763800000000-0 --yes --reason "ticket 9"',
    )
    .action(async ({ output }: { readonly output: Format }) =>
      withSession(io, async (session) => list(io, session, output)),
    )

  consentOptions(unmatched.command('dismiss').argument('<entry...>', 'entries of the list'))
    .summary('take notifications off the list')
    .description(
      'Takes notifications off the list, and so ends their alert. Their numbers stay doubted: a job of such a number is ' +
        'asked about before anything is sent.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  refundctl unmatched dismiss 1763800000000-0 --yes --reason "sent by the old system"',
    )
    .action(async (entries: string[], options: ConsentOptions) =>
      withSession(io, async (session) => dismiss(io, session, entries, options)),
    )
}

async function list(io: Io, { ledger, now }: Session, output: Format): Promise<void> {
  const notices = await ledger.unmatchedNotices()
  const columns = [
    { title: 'ENTRY', text: ({ entry }: UnmatchedNotice) => entry },
    { title: 'OID_PARTNER', text: ({ oid_partner }: UnmatchedNotice) => harmless(oid_partner) },
    { title: 'NO_REFUND', text: ({ no_refund }: UnmatchedNotice) => harmless(no_refund) },
    { title: 'YUAN', right: true, text: ({ fen }: UnmatchedNotice) => (fen === undefined ? '-' : shownYuan(fen)) },
    { title: 'STA_REFUND', text: ({ fields }: UnmatchedNotice) => harmless(fields.sta_refund ?? '-') },
    { title: 'DT_REFUND', text: ({ dt_refund }: UnmatchedNotice) => dt_refund ?? '-' },
    { title: 'AGE', right: true, text: ({ at }: UnmatchedNotice) => shownDuration(now - at) },
  ]
  const json = ({ fen, fields, at, ...notice }: UnmatchedNotice) => ({
    ...notice,
    at: new Date(at).toISOString(),
    ...(fen !== undefined && { money_refund: yuanFromFen(fen) }),
    ...fields,
  })
  await putRows(io, output, { columns: () => columns, json }, notices)
  say(io, counted(notices.length, 'notification'))
}

async function dismiss(io: Io, session: Session, entries: string[], options: ConsentOptions): Promise<void> {
  const actor = actorOf(options)
  const wrong = entries.filter((entry) => !/^\d{1,20}-\d{1,20}$/.test(entry))
  if (wrong.length > 0)
    throw wrongUsage(`unmatched dismiss: ${wrong.join(', ')}: expected entries of refundctl unmatched`)
  const { ledger, now } = session
  const known = new Map((await ledger.unmatchedNotices()).map((notice) => [notice.entry, notice]))
  const missing = entries.filter((entry) => !known.has(entry))
  const found = entries.flatMap((entry) => known.get(entry) ?? [])
  const what = `dismiss ${counted(found.length, 'notification')}`
  for (const entry of missing) say(io, `refused: ${entry}: no such notification`)
  if (options.dryRun) say(io, `dry run: would ${what}; nothing was changed`)
  else if (found.length > 0) {
    await consent(io, options, `${what}?`)
    for (const { entry, oid_partner, no_refund } of found) {
      await ledger.dismissUnmatched(entry)
      await ledger.operated({
        at: now,
        by: actor.by,
        action: `dismiss ${oid_partner}/${no_refund}`,
        reason: actor.reason,
      })
    }
    say(io, `dismissed ${counted(found.length, 'notification')}`)
  }
  if (missing.length > 0) throw new CommandFault(`${counted(missing.length, 'entry', 'entries')} refused`)
}
