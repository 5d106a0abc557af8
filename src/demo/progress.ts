/** What a run looks like while it goes on. Pure: figures in, lines out. */
import type { DemoOptions } from './arguments.ts'
import type { GatewayFigures } from './gateway.ts'

export interface Progress {
  readonly elapsedMs: number
  readonly jobs: { readonly added: number; readonly of: number }
  /** distinct refund numbers that were added */
  readonly refunds: number
  /** refunds in the ledger by state */
  readonly states: Readonly<Record<string, number>>
  readonly held: number
  /** refunds whose event was consumed */
  readonly settled: number
  /** jobs in BullMQ's delayed set */
  readonly putOff: number
  readonly gateway: GatewayFigures
}

export interface Look {
  readonly columns: number
  /** whether the terminal shows more than ASCII */
  readonly unicode: boolean
}

const LABEL = 12
const NUMBER = 8
const GAP = '      '

/** The live view: never wider than the terminal, and always of the same height. */
export function frame(options: DemoOptions, progress: Progress, { columns, unicode }: Look): string[] {
  const { jobs, refunds, states, held, settled, gateway, putOff } = progress
  const { refunds: wanted, rate, faults, seed, repeated } = options
  const width = Math.min(columns - 1, 100)
  const known = Object.values(states).reduce((sum, count) => sum + count, 0)
  const state = (name: string) => states[name] ?? 0
  const left: readonly Cell[] = [
    ['queued', Math.max(0, refunds - known)],
    ['waiting', state('waiting')],
    ['sending', state('sending')],
    ['in doubt', Math.max(0, state('unknown') - held)],
    ['processing', state('processing')],
    ['succeeded', state('succeeded')],
    ['failed', state('failed')],
    ['rejected', state('rejected')],
    ['held', held],
  ]
  const right: readonly Cell[] = [
    ['submits', gateway.submits],
    ['sent again', gateway.repeats],
    ['queries', gateway.queries],
    ['faults met', gateway.faults],
    ['notified', gateway.notified],
    ['acknowledged', gateway.acknowledged],
    ['put off', putOff],
    ['events', settled],
    ['settled/s', perSecond(progress)],
  ]
  const title = `${wanted} refunds at ${rate}/s, faults ${faults}, seed ${seed}, repeated ${repeated}`
  const lines = [
    spread(title, clock(progress.elapsedMs), width),
    '',
    bar('added', jobs.added, jobs.of, { width, unicode }),
    bar('done', settled + held, wanted, { width, unicode }),
    '',
    ...left.map((cell, index) => row(cell) + GAP + row(right[index] ?? ['', ''])),
  ]
  return lines.map((line) => line.slice(0, Math.max(0, width)))
}

type Cell = readonly [label: string, value: number | string]

function row([label, value]: Cell): string {
  return label.padEnd(LABEL) + String(value).padStart(NUMBER)
}

function bar(label: string, done: number, of: number, { width, unicode }: { width: number; unicode: boolean }): string {
  const part = of === 0 ? 1 : Math.min(1, done / of)
  const count = `${done} / ${of}`.padStart(15)
  const percent = `${Math.floor(part * 100)} %`.padStart(6)
  const room = Math.max(0, width - LABEL - count.length - percent.length - 2)
  const full = Math.floor(part * room)
  const [on, off] = unicode ? ['█', '░'] : ['#', '-']
  return `${label.padEnd(LABEL)}${count}  ${on.repeat(full)}${off.repeat(room - full)}${percent}`
}

function spread(left: string, right: string, width: number): string {
  const room = Math.max(0, width - right.length - 1)
  return `${left.slice(0, room).padEnd(room)} ${right}`
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

function perSecond({ settled, elapsedMs }: Progress): string {
  return elapsedMs < 1000 ? '0.0' : ((settled * 1000) / elapsedMs).toFixed(1)
}

/** The same in one line, for a log. */
export function progressLine({ elapsedMs, jobs, refunds, settled, held, gateway }: Progress): string {
  const added = `${jobs.added} of ${jobs.of} jobs added`
  const rest = `${settled} of ${refunds} refunds settled, ${held} held, ${gateway.repeats} sent again`
  return `${clock(elapsedMs)}  ${added}, ${rest}`
}
