import type { Registry } from 'prom-client'
import type { Door, Overview } from '../flows/overview.ts'
import { callDurations, callSamples, NOTICE_RESULTS } from './counted.ts'
import { alone, counter, each, gauge, type Sample } from './family.ts'
import { histogram } from './totals-histogram.ts'

const DOORS = ['open', 'probing', 'shut'] as const satisfies readonly Door[]

/** What was said to the gateway, and what it answered. */
export function gateway(registry: Registry, view: Overview, isListed: (ret_code: string) => boolean): void {
  counter(registry, {
    name: 'refund_gateway_calls_total',
    help: 'Calls of the gateway by outcome and return code.',
    samples: callSamples(view.counts, isListed),
  })
  histogram(registry, {
    name: 'refund_gateway_call_duration_seconds',
    help: 'How long a call of the gateway took, by outcome.',
    labelNames: ['call', 'outcome'],
    rows: callDurations(view.counts),
  })
  gauge(registry, {
    name: 'refund_merchant_breaker',
    help: 'Whether calls of the gateway go through for the merchant: 1 at the state of the breaker, 0 at the others.',
    samples: doors(view, 'breaker'),
  })
  gauge(registry, {
    name: 'refund_merchant_balance',
    help: 'Whether the merchant has balance for refunds: 1 at the state of the gate, 0 at the others.',
    samples: doors(view, 'balance'),
  })
  gauge(registry, {
    name: 'refund_merchant_stopped',
    help: 'Whether a person has stopped all sending of the merchant: 1 or 0.',
    samples: view.gates.map(({ oid_partner, stopped }) => ({ labels: { oid_partner }, value: stopped ? 1 : 0 })),
  })
  gauge(registry, {
    name: 'refund_fleet_stopped',
    help: 'Whether a person has stopped all sending of the fleet: 1 or 0.',
    samples: alone(view.stopped ? 1 : 0),
  })
}

/** What the gateway said by itself. */
export function notices(registry: Registry, view: Overview): void {
  counter(registry, {
    name: 'refund_notifications_total',
    help: 'Notifications by result.',
    samples: each('result', NOTICE_RESULTS, (result) => view.counts[`notice:${result}`] ?? 0),
  })
  gauge(registry, {
    name: 'refund_unmatched_notifications',
    help: 'Verified notifications of refunds that the ledger does not know, which nobody has dismissed.',
    samples: alone(view.unmatched),
  })
}

function doors({ gates }: Overview, door: 'breaker' | 'balance'): readonly Sample[] {
  return gates.flatMap((merchant) =>
    DOORS.map((gate) => ({
      labels: { oid_partner: merchant.oid_partner, gate },
      value: merchant[door] === gate ? 1 : 0,
    })),
  )
}
