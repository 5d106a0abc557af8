import { performance } from 'node:perf_hooks'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Ledger } from '../../ledger/ledger.ts'
import { epochOfGatewayTime, gatewayDay } from '../../refund/gateway-time.ts'
import { FINAL_STATES, type RefundRecord } from '../../refund/record.ts'
import { progressLine } from '../bulk.ts'
import { EXPORT_HEAD, exportCsv, exportJson } from '../export-row.ts'
import { wrongUsage } from '../fault.ts'
import { type Io, put, say } from '../io.ts'
import { partnerOption } from '../select.ts'
import { withSession } from '../session.ts'
import { settledAt } from '../settled-at.ts'
import { counted, shownYuan } from '../text.ts'
import { fenOf } from '../view.ts'

interface Options {
  /** epoch ms, when the day begins */
  readonly from: number
  readonly to?: number
  readonly by: 'requested' | 'settled'
  readonly partner?: string
  readonly format: 'csv' | 'jsonl'
}

const DAY_MS = 86_400_000
const DAY = /^(\d{4})-?(\d{2})-?(\d{2})$/

export function addExport(program: Command, io: Io): void {
  program
    .command('export')
    .summary('write the ledger out, for books and analysis')
    .description(
      'Writes every refund of some days, in any state, with every field that docs/data.md describes. ' +
        'Days are counted in UTC+8, both ends included.',
    )
    .addOption(new Option('--from <day>', 'yyyy-MM-dd or yyyyMMdd').argParser(dayOf).makeOptionMandatory())
    .addOption(new Option('--to <day>', 'the last day (default: today)').argParser(dayOf))
    .addOption(
      new Option('--by <time>', 'which time counts: of the request, or of the end')
        .choices(['requested', 'settled'])
        .default('requested'),
    )
    .addOption(partnerOption())
    .addOption(new Option('--format <form>', 'form of the data').choices(['csv', 'jsonl']).default('csv'))
    .addHelpText(
      'after',
      `
Examples:
  refundctl export --from 2026-11-01 --to 2026-11-30 > november.csv
  refundctl export --from 20261122 --by settled --format jsonl | jq -r .oid_refundno`,
    )
    .action(async (options: Options) =>
      withSession(io, async ({ ledger, now, settings }) => {
        const { from, to = epochOfDay(gatewayDay(now)) ?? now, partner } = options
        if (partner !== undefined && !settings.merchants.some(({ oid_partner }) => oid_partner === partner)) {
          throw wrongUsage(`--partner: ${partner} is not a configured merchant`)
        }
        if (to < from) throw wrongUsage('--to: that is before --from')
        await write(io, options, chosen(ledger, options, to + DAY_MS))
      }),
    )
}

async function write(io: Io, { format }: Options, refunds: AsyncIterable<Exported>): Promise<void> {
  const progress = progressLine(io, () => performance.now())
  const [rowOf, head] = format === 'csv' ? [exportCsv, EXPORT_HEAD] : [exportJson, '']
  await put(io.stdout, head)
  let [count, fen] = [0, 0]
  for await (const { record, at } of refunds) {
    await put(io.stdout, rowOf(record, at))
    count += 1
    fen += fenOf(record) ?? 0
    // on a terminal the data themselves are the progress
    if (!io.stdout.isTTY) progress.show(`${counted(count, 'refund')} written`)
  }
  progress.end()
  say(io, `${counted(count, 'refund')}, ${shownYuan(fen)} yuan`)
}

interface Exported {
  readonly record: RefundRecord
  /** when it came to its end, epoch ms; absent while it is open */
  readonly at?: number
}

/**
 * The refunds of the days, each once. Those that are open or contradicted come first, since one that ends, or ends anew,
 * meanwhile would else be missed; only their numbers are remembered. None of the two times lies after a refund came into
 * its final state, so that nothing of the days stands in the ledger's lists before them.
 *
 * @param end epoch ms, not included
 */
async function* chosen(
  ledger: Pick<Ledger, 'walk' | 'trail'>,
  { from, by, partner }: Options,
  end: number,
): AsyncGenerator<Exported> {
  const written = new Set<string>()
  for (const index of ['open', 'contradicted'] as const) {
    for await (const record of ledger.walk(index)) {
      const found = await wanted(record)
      if (!found || written.has(nameOf(record))) continue
      written.add(nameOf(record))
      yield found
    }
  }
  for (const state of FINAL_STATES) {
    // a failover may have set the ledger's clock back
    for await (const record of ledger.walk(`state:${state}`, { since: from - DAY_MS })) {
      const found = written.has(nameOf(record)) ? undefined : await wanted(record)
      if (found) yield found
    }
  }

  async function wanted(record: RefundRecord): Promise<Exported | undefined> {
    if (partner !== undefined && record.oid_partner !== partner) return undefined
    const at = await settledAt(ledger, record)
    // a job that is younger than the end of its refund: its producer's clock was ahead
    const counts = by === 'settled' ? at : Math.min(record.requested_at, at ?? record.requested_at)
    if (counts === undefined || counts < from || counts >= end) return undefined
    return at === undefined ? { record } : { record, at }
  }
}

const nameOf = ({ oid_partner, no_refund }: RefundRecord) => `${oid_partner}:${no_refund}`

function dayOf(text: string): number {
  const [, year = '', month = '', day = ''] = DAY.exec(text) ?? []
  const epoch = epochOfDay(year + month + day)
  if (epoch === undefined) throw new InvalidArgumentError('Expected a day such as 2026-11-22.')
  return epoch
}

function epochOfDay(day: string): number | undefined {
  return epochOfGatewayTime(`${day}000000`)
}
