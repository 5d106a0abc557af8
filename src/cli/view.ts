import { countSends, isHeld, type RefundRecord, type State } from '../refund/record.ts'
import { fenOf } from '../refund/view.ts'
import { shownDuration } from './duration.ts'
import type { Paint } from './io.ts'
import type { Column } from './table.ts'
import { harmless, shownYuan } from './text.ts'

export { fenOf, refundView } from '../refund/view.ts'

const COLOURS = {
  waiting: 'cyan',
  sending: 'cyan',
  unknown: 'yellow',
  processing: 'blue',
  succeeded: 'green',
  failed: 'red',
  rejected: 'magenta',
} as const satisfies Record<State, string>

export function shownState(state: State, paint: Paint): string {
  return paint(COLOURS[state], state)
}

/** What keeps a refund from its end, or its end from being believed. */
function shownHolds(record: RefundRecord): string {
  const holds = isHeld(record) ? record.holds : []
  return [...holds, ...(record.contradiction ? ['contradicted!'] : [])].join(',')
}

export function refundColumns(now: number, paint: Paint, severalMerchants: boolean): readonly Column<RefundRecord>[] {
  return [
    ...(severalMerchants ? [{ title: 'OID_PARTNER', text: ({ oid_partner }: RefundRecord) => oid_partner }] : []),
    { title: 'NO_REFUND', text: ({ no_refund }) => no_refund },
    { title: 'STATE', text: ({ state }) => shownState(state, paint) },
    { title: 'HOLDS', text: (record) => held(record, paint) },
    { title: 'YUAN', right: true, text: (record) => shownAmount(fenOf(record)) },
    { title: 'SENDS', right: true, text: (record) => String(countSends(record)) },
    { title: 'RET_CODE', text: ({ answer }) => harmless(answer.ret_code ?? '-') },
    { title: 'AGE', right: true, text: ({ requested_at }) => shownDuration(now - requested_at) },
    { title: 'NEXT', text: ({ next_look }) => shownNext(next_look, now) },
  ]
}

const shownAmount = (fen: number | undefined) => (fen === undefined ? '-' : shownYuan(fen))

function shownNext(next: number | undefined, now: number): string {
  if (next === undefined) return '-'
  return next - now < 1_000 ? 'now' : `in ${shownDuration(next - now)}`
}

function held(record: RefundRecord, paint: Paint): string {
  const holds = shownHolds(record)
  return holds === '' ? '-' : paint('red', holds)
}
