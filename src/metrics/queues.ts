import type { Registry } from 'prom-client'
import { JOB_STATES, type Overview } from '../flows/overview.ts'
import { ageSeconds, alone, counter, gauge, type Sample } from './family.ts'

const JOB_COUNTS = [
  { what: 'stalled', help: 'Jobs of the queue whose worker stopped saying that it lives.' },
  { what: 'failed', help: 'Jobs of the queue that failed: their data are at fault.' },
  { what: 'unreadable', help: 'Jobs of the queue that could not be read.' },
] as const

/** What waits in the queues, and what went wrong with jobs. */
export function queues(registry: Registry, view: Overview): void {
  gauge(registry, {
    name: 'refund_queue_jobs',
    help: 'Jobs of the queue by state.',
    samples: view.queues.flatMap((queue) =>
      JOB_STATES.map((job_state) => ({ labels: { queue: queue.name, job_state }, value: queue.jobs[job_state] })),
    ),
  })
  gauge(registry, {
    name: 'refund_queue_paused',
    help: 'Whether the queue is paused: 1 or 0.',
    samples: perQueue(view, ({ paused }) => (paused ? 1 : 0)),
  })
  gauge(registry, {
    name: 'refund_queue_oldest_waiting_age_seconds',
    help: 'Age of the longest waiting job of the queue; 0 when none waits.',
    samples: perQueue(view, ({ oldestWaiting }) => ageSeconds(view.now, oldestWaiting)),
  })
  for (const { what, help } of JOB_COUNTS) {
    counter(registry, {
      name: `refund_jobs_${what}_total`,
      help,
      samples: perQueue(view, ({ name }) => view.counts[`${what}:${name}`] ?? 0),
    })
  }
  gauge(registry, {
    name: 'refund_due',
    help: 'Refunds whose look is overdue, which the sweeper has still to wake.',
    samples: alone(view.due.count),
  })
  gauge(registry, {
    name: 'refund_sweeper_lag_seconds',
    help: 'For how long the look of a refund has been overdue, the longest; 0 when none is.',
    samples: alone(ageSeconds(view.now, view.due.since)),
  })
}

function perQueue(view: Overview, read: (queue: Overview['queues'][number]) => number): readonly Sample[] {
  return view.queues.map((queue) => ({ labels: { queue: queue.name }, value: read(queue) }))
}
