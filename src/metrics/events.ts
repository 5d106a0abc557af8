import type { Registry } from 'prom-client'
import type { Overview } from '../flows/overview.ts'
import { EVENT_TYPES } from './counted.ts'
import { ageSeconds, alone, counter, each, gauge } from './family.ts'

/** What is told to subscribers. */
export function events(registry: Registry, view: Overview): void {
  counter(registry, {
    name: 'refund_events_total',
    help: 'Events that were decided, by type.',
    samples: each('type', EVENT_TYPES, (type) => view.counts[`event:${type}`] ?? 0),
  })
  counter(registry, {
    name: 'refund_events_published_total',
    help: 'Events that the queues of all subscribers have.',
    samples: alone(view.counts.published ?? 0),
  })
  gauge(registry, {
    name: 'refund_outbox_events',
    help: 'Events that wait to be published.',
    samples: alone(view.outbox.count),
  })
  gauge(registry, {
    name: 'refund_outbox_lag_seconds',
    help: 'For how long the oldest event has waited to be published; 0 when none does.',
    samples: alone(ageSeconds(view.now, view.outbox.since)),
  })
}
