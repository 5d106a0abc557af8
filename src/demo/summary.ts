/** The end of a run in words and figures. Pure: facts in, text out. */
import { yuanFromFen } from '../refund/money.ts'
import { type CodeLine, codesMet } from './codes.ts'
import type { Doubts } from './doubts.ts'
import type { GatewayFigures } from './gateway.ts'
import { OUTCOMES, type Verdict } from './judge.ts'
import { percentile } from './percentile.ts'

export interface Report {
  readonly verdict: Verdict
  /** the ledger's figures: `submit:0000`, `notice:duplicate`, ... */
  readonly counted: Readonly<Record<string, number>>
  readonly doubts: Doubts
  readonly gateway: GatewayFigures
  /** deliveries of events that had come before */
  readonly repeatedEvents: number
  readonly settledBy: ReadonlyMap<string, number>
  /** from `add` to the event in the consumer's hands, ms */
  readonly latenciesMs: readonly number[]
  readonly elapsedMs: number
}

export function summary(report: Report): string {
  const { verdict, counted } = report
  const blocks = [
    outcomes(verdict),
    codes('Answers to submits', codesMet('submit', counted)),
    codes('Answers to queries', codesMet('query', counted)),
    waits(report),
    notifications(report),
    times(report),
    verdict.disagreements.length === 0 ? [] : ['What is not as it must be', ...verdict.disagreements.map(indent)],
    [lastLine(verdict)],
  ]
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.join('\n')}\n`)
    .join('\n')
}

function lastLine({ enqueued, outcomes: { succeeded, failed, rejected, held }, lost, doubled }: Verdict): string {
  const ended = `${succeeded.count} succeeded, ${failed.count} failed, ${rejected.count} rejected, ${held.count} held`
  return `demo: ${enqueued} refunds, ${ended}, ${lost.length} lost, ${doubled.length} doubled`
}

const indent = (line: string) => `  ${line}`

function outcomes({ outcomes: ended }: Verdict): string[] {
  const lines = OUTCOMES.map((outcome) => {
    const { count: refunds, fen } = ended[outcome]
    return `  ${outcome.padEnd(12)}${String(refunds).padStart(8)}${yuanFromFen(fen).padStart(18)}`
  })
  return [`${'Refunds'.padEnd(14)}${'count'.padStart(8)}${'yuan'.padStart(18)}`, ...lines]
}

/** By what was done, since that is the question; under it the codes. */
function codes(title: string, lines: readonly CodeLine[]): string[] {
  if (lines.length === 0) return []
  const groups = Map.groupBy(lines, ({ did }) => did)
  return [title, ...[...groups].flatMap(([did, met]) => [indent(did), met.map(codeLine)].flat())]
}

function codeLine({ code, count: met, meaning }: CodeLine): string {
  return count(met, `${code.padEnd(4)}  ${meaning}`)
}

function waits({ doubts, gateway }: Report): string[] {
  const { times: all, byQuery, byNotice, byDenial, open, waitsMs } = doubts
  if (all === 0) return ['Waits', '  none: no outcome was ever in doubt']
  const [typical, longest] = [percentile(waitsMs, 0.5), percentile(waitsMs, 1)]
  return [
    'Waits',
    count(all, 'outcomes were in doubt'),
    count(byQuery, 'resolved by query: the gateway had the refund'),
    count(byNotice, 'resolved by a notification or a late answer'),
    count(byDenial, 'resolved by denials: sent again, or failed after a refusal'),
    count(open, 'not resolved: held for a person'),
    count(gateway.repeats, 'submits of a number that was submitted before'),
    ...(typical === undefined ? [] : [`  ${seconds(typical)} in doubt half of the time, ${seconds(longest)} at most`]),
  ]
}

function notifications({ counted, gateway }: Report): string[] {
  const of = (...results: string[]) => results.reduce((sum, result) => sum + (counted[`notice:${result}`] ?? 0), 0)
  return [
    'Notifications',
    count(gateway.notified, `sent, ${gateway.forged} of them forged on purpose`),
    count(of('accepted', 'duplicate', 'late', 'mismatch', 'unmatched'), 'received with a valid signature'),
    count(of('duplicate', 'late'), 'of these duplicates or overtaken'),
    count(of('mismatch', 'unmatched'), 'of these for a person to look at'),
    count(of('bad_signature', 'unreadable'), 'refused: forged or unreadable'),
    count(of('limited'), 'refused unread: too many forged ones over that connection'),
  ]
}

function times({ latenciesMs, elapsedMs, repeatedEvents, settledBy }: Report): string[] {
  const by = [...settledBy].toSorted(([, a], [, b]) => b - a).map(([who, refunds]) => `${who} ${refunds}`)
  return [
    'Events',
    `  from add to event: p50 ${seconds(percentile(latenciesMs, 0.5))}, p99 ${seconds(percentile(latenciesMs, 0.99))}`,
    ...(by.length > 0 ? [`  settled by: ${by.join(', ')}`] : []),
    `  delivered again: ${repeatedEvents}`,
    `  the run took ${seconds(elapsedMs)}`,
  ]
}

function count(number: number, what: string): string {
  return `  ${String(number).padStart(8)}  ${what}`
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${(ms / 1000).toFixed(2)} s`
}
