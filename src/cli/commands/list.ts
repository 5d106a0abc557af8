import { type Command, Option } from 'commander'
import type { HoldReason, RefundRecord } from '../../refund/record.ts'
import { type Io, say } from '../io.ts'
import { type Format, outputOption, putRows, refundRows } from '../output.ts'
import { collect, filterOptions, holdReasons, partnerOption, type Selection, select } from '../select.ts'
import { type Session, withSession } from '../session.ts'
import { counted, shownYuan } from '../text.ts'
import { fenOf } from '../view.ts'
import { watched, watchOption } from '../watch.ts'

interface Options extends Selection {
  readonly reason?: readonly HoldReason[]
  readonly output: Format
  readonly watch?: number
}

export function addList(program: Command, io: Io): void {
  filterOptions(
    program
      .command('list')
      .alias('ls')
      .summary('list refunds by state, hold, code, age, amount')
      .description(
        'Lists refunds, open ones first, oldest first by when they came into their state. ' +
          'Filters of different kinds must all be met. Number and sum come last, on stderr.',
      ),
  )
    .addOption(new Option('--reason <reason,...>', 'the same as --held-for').argParser(holdReasons))
    .addOption(partnerOption())
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText(
      'after',
      `
Examples:
  refundctl list --state held
  refundctl list --held-for insufficient_balance --min 1000.00
  refundctl list --state unknown --older-than 2h -o jsonl | jq -r .no_refund
  refundctl list --contradiction
  refundctl list --state failed --ret-code 5002 --newest --limit 20
  refundctl list --state open --watch`,
    )
    .action(async ({ reason, output, watch, ...filters }: Options) => {
      const heldFor = reason ? [...(filters.heldFor ?? []), ...reason] : filters.heldFor
      const selection = { ...filters, ...(heldFor && { heldFor }) }
      await withSession(io, async (session) => {
        if (watch === undefined) return show(io, session, output, select(session.ledger, selection, session.now))
        const read = () => collect(select(session.ledger, selection, session.now))
        await watched(io, watch, read, (records) => show(io, session, output, records))
      })
    })
}

async function show(
  io: Io,
  { settings, now }: Session,
  output: Format,
  source: Iterable<RefundRecord> | AsyncIterable<RefundRecord>,
): Promise<void> {
  const sum = { count: 0, fen: 0 }
  async function* summed() {
    for await (const record of source) {
      sum.count += 1
      sum.fen += fenOf(record) ?? 0
      yield record
    }
  }
  await putRows(io, output, refundRows(now, settings.merchants.length > 1), summed())
  say(io, `${counted(sum.count, 'refund')}, ${shownYuan(sum.fen)} yuan`)
}
