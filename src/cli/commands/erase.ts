import type { Command } from 'commander'
import { isFinal, type RefundRecord } from '../../refund/record.ts'
import { actorOf, type ConsentOptions, consent, consentOptions } from '../consent.ts'
import { CommandFault } from '../fault.ts'
import { type Io, say } from '../io.ts'
import { partnerOption } from '../select.ts'
import { partnerOf, type Session, withSession } from '../session.ts'
import { counted } from '../text.ts'

interface Options extends ConsentOptions {
  readonly partner?: string
}

export function addErase(program: Command, io: Io): void {
  consentOptions(program.command('erase').argument('<no_refund...>', 'refund numbers'))
    .summary('forget whom a refund was for: its metadata')
    .description(
      'Takes the metadata of final refunds out of the ledger, for ever. Number, order, amount and outcome stay: the books ' +
        'need them. docs/data.md tells where else a person may be named.',
    )
    .addOption(partnerOption())
    .addHelpText('after', '\nExamples:\n  refundctl erase 2013051500001 --yes --reason "request 12 of a customer"')
    .action(async (numbers: string[], options: Options) => {
      const actor = actorOf(options)
      await withSession(io, async (session) => {
        const found = await named(session, partnerOf(session.settings, options.partner), numbers)
        const refused = found.filter(({ fault }) => fault !== undefined)
        for (const { no_refund, fault = '' } of refused) say(io, `refused: ${no_refund}: ${fault}`)
        const records = found.flatMap(({ record, fault }) => (record && fault === undefined ? [record] : []))
        const what = `erase the metadata of ${counted(records.length, 'refund')}`
        if (options.dryRun) say(io, `dry run: would ${what}; nothing was changed`)
        else if (records.length > 0) {
          await consent(io, options, `${what}, for ever?`)
          await erase(io, session, records, actor)
        }
        if (refused.length > 0) throw new CommandFault(`${counted(refused.length, 'refund')} refused`)
      })
    })
}

interface Named {
  readonly no_refund: string
  readonly record?: RefundRecord
  readonly fault?: string
}

async function named({ ledger }: Session, oid_partner: string, numbers: readonly string[]): Promise<readonly Named[]> {
  const records = await ledger.lookUp(numbers.map((no_refund) => ({ oid_partner, no_refund })))
  return numbers.map((no_refund, at): Named => {
    const record = records[at]
    if (record === undefined) return { no_refund, fault: 'no such refund' }
    if (record === 'forgotten') return { no_refund, fault: 'nothing but its number is left' }
    return isFinal(record)
      ? { no_refund, record }
      : { no_refund, fault: 'it is open: its event still has to carry them' }
  })
}

async function erase(
  io: Io,
  { ledger, now }: Session,
  records: readonly RefundRecord[],
  actor: { readonly by: string; readonly reason: string },
): Promise<void> {
  for (const record of records) {
    const { oid_partner, no_refund } = record
    if (!(await ledger.eraseMetadata(record))) throw new CommandFault(`${no_refund} changed meanwhile: try again`)
    await ledger.operated({ at: now, action: `erase ${oid_partner}/${no_refund}`, ...actor })
  }
  say(io, `erased the metadata of ${counted(records.length, 'refund')}`)
}
