import type { Registry } from 'prom-client'
import type { Overview } from '../flows/overview.ts'
import { HOLD_REASONS, STATES } from '../refund/record.ts'
import { settleDurations, WARNING_NAMES } from './counted.ts'
import { ageSeconds, alone, counter, each, gauge } from './family.ts'
import { histogram } from './totals-histogram.ts'

/** Where the refunds and their money are. */
export function money(registry: Registry, view: Overview): void {
  gauge(registry, {
    name: 'refund_refunds',
    help: 'Refunds by state.',
    samples: each('state', STATES, (state) => view.states[state].count),
  })
  gauge(registry, {
    name: 'refund_refunds_fen',
    help: 'Money of the refunds by state.',
    samples: each('state', STATES, (state) => view.states[state].fen),
  })
  gauge(registry, { name: 'refund_open', help: 'Refunds that are not final.', samples: alone(view.open.count) })
  gauge(registry, {
    name: 'refund_open_fen',
    help: 'Money of the refunds that are not final: what is in flight.',
    samples: alone(view.open.fen),
  })
  gauge(registry, {
    name: 'refund_oldest_open_age_seconds',
    help: 'Age of the oldest open refund; 0 when there is none.',
    samples: alone(ageSeconds(view.now, view.oldestOpen?.since)),
  })
  gauge(registry, {
    name: 'refund_oldest_unknown_age_seconds',
    help: 'For how long a refund has been in the state unknown without a break, the longest; 0 when there is none.',
    samples: alone(ageSeconds(view.now, view.oldestUnknown?.since)),
  })
  histogram(registry, {
    name: 'refund_settle_duration_seconds',
    help: 'Time from the job to the end of the refund, by final state.',
    labelNames: ['state'],
    rows: settleDurations(view.counts),
  })
  counter(registry, {
    name: 'refund_warnings_total',
    help: 'Refunds of which a person should know something that holds nothing: likely a mistake, in vain, or paid twice.',
    samples: each('warning', WARNING_NAMES, (warning) => view.counts[`warning:${warning}`] ?? 0),
  })
  held(registry, view)
}

function held(registry: Registry, view: Overview): void {
  gauge(registry, {
    name: 'refund_held',
    help: 'Open refunds that wait for a person.',
    samples: alone(view.held.count),
  })
  gauge(registry, {
    name: 'refund_held_fen',
    help: 'Money of the open refunds that wait for a person.',
    samples: alone(view.held.fen),
  })
  gauge(registry, {
    name: 'refund_holds',
    help: 'Held refunds by reason; one with two reasons is under each.',
    samples: each('reason', HOLD_REASONS, (reason) => view.holds[reason].count),
  })
  gauge(registry, {
    name: 'refund_holds_fen',
    help: 'Money of the held refunds by reason; of one with two reasons under each.',
    samples: each('reason', HOLD_REASONS, (reason) => view.holds[reason].fen),
  })
  gauge(registry, {
    name: 'refund_oldest_held_age_seconds',
    help: 'For how long a refund has waited for a person, the longest; 0 when there is none.',
    samples: alone(ageSeconds(view.now, view.oldestHeld?.since)),
  })
  gauge(registry, {
    name: 'refund_contradicted',
    help: 'Refunds, of any state, with a contradiction that nobody has resolved.',
    samples: alone(view.contradicted.count),
  })
  gauge(registry, {
    name: 'refund_contradicted_fen',
    help: 'Money of the refunds with a contradiction that nobody has resolved.',
    samples: alone(view.contradicted.fen),
  })
}
