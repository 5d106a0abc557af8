import type { Overview, QueueView, Stop, Sum } from '../flows/overview.ts'
import { JOB_STATES } from '../flows/overview.ts'
import { HOLD_REASONS, STATES } from '../refund/record.ts'
import { shownDuration } from './duration.ts'
import type { Paint } from './io.ts'
import { shownMoment } from './moment.ts'
import { type Column, layOut } from './table.ts'
import { counted, harmless, shownYuan } from './text.ts'
import { shownState } from './view.ts'

interface Named {
  readonly name: string
  readonly sum: Sum
}

/** The overview for a terminal: money first, then what stands in its way. */
export function statusText(seen: Overview, paint: Paint): string {
  const parts = [
    refunds(seen, paint),
    ...holds(seen, paint),
    queues(seen.queues, seen.now, paint),
    fleet(seen, paint),
    ...lastHour(seen),
    ...operations(seen),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function refunds({ states, open, held, now, oldestOpen, oldestUnknown }: Overview, paint: Paint): string[] {
  const rows: Named[] = [
    ...STATES.map((state) => ({ name: shownState(state, paint), sum: states[state] })),
    { name: 'open, all', sum: open },
    { name: 'of these held', sum: held },
  ]
  const age = (what: string, oldest: Overview['oldestOpen']) =>
    oldest ? [`${what}: ${oldest.no_refund}, for ${shownDuration(now - oldest.since)}`] : []
  return [
    ...table(sumColumns('REFUNDS'), rows, paint),
    ...age('oldest open', oldestOpen),
    ...age('oldest unknown', oldestUnknown),
  ]
}

function holds({ holds: held, contradicted, unmatched }: Overview, paint: Paint): string[][] {
  const rows = HOLD_REASONS.map((name) => ({ name, sum: held[name] })).filter(({ sum }) => sum.count > 0)
  const lines = rows.length > 0 ? table(sumColumns('HELD FOR'), rows, paint) : []
  const alarms = [
    ...(contradicted.count > 0
      ? [
          `${counted(contradicted.count, 'contradiction')} of ${shownYuan(contradicted.fen)} yuan: refundctl list --contradiction`,
        ]
      : []),
    ...(unmatched > 0 ? [`${counted(unmatched, 'notification')} of unknown refunds: refundctl unmatched`] : []),
  ]
  const all = [...lines, ...alarms.map((line) => paint('red', line))]
  return all.length > 0 ? [all] : []
}

function queues(views: readonly QueueView[], now: number, paint: Paint): string[] {
  const columns: Column<QueueView>[] = [
    { title: 'QUEUE', text: ({ name }) => name },
    ...JOB_STATES.map((state) => ({
      title: state.toUpperCase(),
      right: true,
      text: ({ jobs }: QueueView) => String(jobs[state]),
    })),
    {
      title: 'OLDEST',
      right: true,
      text: ({ oldestWaiting }) => (oldestWaiting === undefined ? '-' : shownDuration(now - oldestWaiting)),
    },
    { title: '', text: ({ paused }) => (paused ? paint('red', 'paused') : '') },
  ]
  return table(columns, views, paint)
}

function fleet(
  { alive, gates, stopped, outbox, due, durabilityFaults, safeStart, now }: Overview,
  paint: Paint,
): string[] {
  const since = (at: number | undefined) => (at === undefined ? '' : `, the oldest for ${shownDuration(now - at)}`)
  const red = (line: string) => paint('red', line)
  const workers = alive.map(({ host, pid, roles }) => `${harmless(host)}:${pid} (${roles.join(', ')})`)
  return [
    workers.length > 0 ? `workers: ${workers.join('; ')}` : red('workers: none was heard of'),
    ...shutGates({ stopped, gates }).map(red),
    `events to publish: ${outbox.count}${since(outbox.since)}; looks overdue: ${due.count}${since(due.since)}`,
    ...(safeStart === undefined
      ? []
      : [`safe start: what is older than ${shownMoment(safeStart)} is asked about first`]),
    ...durabilityFaults.map((fault) => paint('yellow', harmless(fault))),
  ]
}

/** What keeps refunds from being sent, one line each. */
export function shutGates({
  stopped,
  gates,
}: {
  readonly stopped?: Stop | undefined
  readonly gates: Overview['gates']
}) {
  return [
    ...(stopped ? [`SENDING IS STOPPED for the whole fleet by ${by(stopped)}; refundctl resume`] : []),
    ...gates.flatMap(({ oid_partner, breaker, balance, stopped: own }) => [
      ...(own
        ? [`SENDING IS STOPPED for ${oid_partner} by ${by(own)}; refundctl resume --partner ${oid_partner}`]
        : []),
      ...(breaker === 'open' ? [] : [`sending of ${oid_partner} rests: the gateway could not be reached (${breaker})`]),
      ...(balance === 'open' ? [] : [`sending of ${oid_partner} rests: the merchant has no balance (${balance})`]),
    ]),
  ]
}

function by(stop: Stop): string {
  return `${harmless(stop.by)} at ${shownMoment(stop.at)}: ${harmless(stop.reason)}`
}

function lastHour({ lastHour: counts }: Overview): string[][] {
  const met = Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (met.length === 0) return []
  return [['last hour:', ...met.map(([name, count]) => `  ${name} ${count}`)]]
}

function operations({ operations: done }: Overview): string[][] {
  if (done.length === 0) return []
  const lines = done
    .slice(0, 5)
    .map(({ at, by: who, action, reason }) => `  ${shownMoment(at)}  ${harmless(`${who}  ${action}: ${reason}`)}`)
  return [['operators lately:', ...lines]]
}

function sumColumns(title: string): Column<Named>[] {
  return [
    { title, text: ({ name }) => name },
    { title: 'COUNT', right: true, text: ({ sum }) => String(sum.count) },
    { title: 'YUAN', right: true, text: ({ sum }) => shownYuan(sum.fen) },
  ]
}

function table<T>(columns: readonly Column<T>[], rows: readonly T[], paint: Paint): string[] {
  const { head, lines } = layOut(columns, rows)
  return [paint('bold', head), ...lines]
}
