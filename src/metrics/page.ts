import { Registry } from 'prom-client'
import type { Overview } from '../flows/overview.ts'
import { books } from './books.ts'
import { mergeBullmq } from './bullmq-export.ts'
import { events } from './events.ts'
import { gateway, notices } from './gateway.ts'
import { health } from './health.ts'
import { money } from './money.ts'
import { processMetrics } from './process.ts'
import { queues } from './queues.ts'
import { merchantKeys, settings } from './settings.ts'

/** What bounds the labels of the figures. */
export interface MetricsBounds {
  /** that a process may have */
  readonly roles: readonly string[]
  /** whether the return code is in the table; a label for whatever the gateway may say would have no bound */
  readonly isListed: (ret_code: string) => boolean
}

export interface MetricsSources extends MetricsBounds {
  readonly overview: () => Promise<Overview>
  /** of `Queue.exportPrometheusMetrics()`, one a queue */
  readonly bullmq: () => Promise<readonly string[]>
  /** epoch ms, of this process */
  readonly clock: () => number
}

/** What a scrape is told of the text's form. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/**
 * What `/metrics` answers: the fleet, BullMQ's own figures, and this process. Call it once a process.
 *
 * @returns writes the text, or rejects when one of the sources could not be read: half of the figures, or old ones, would
 *   be taken for the truth
 */
export function metricsPage(sources: MetricsSources): () => Promise<string> {
  const own = processMetrics()
  return async () => {
    const asked = sources.clock()
    const [view, bullmq] = await Promise.all([sources.overview(), sources.bullmq()])
    const clockDriftMs = drift(view.now, asked, sources.clock())
    const fleet = await metricsText(view, { ...sources, clockDriftMs })
    return [fleet, mergeBullmq(bullmq), await own.metrics()].join('\n')
  }
}

/** @param clockDriftMs how far the clock of this process is ahead of the clock of Redis */
export async function metricsText(
  view: Overview,
  { roles, isListed, clockDriftMs }: MetricsBounds & { readonly clockDriftMs: number },
): Promise<string> {
  // a new one for every scrape: nothing of the one before can be left in it
  const registry = new Registry()
  money(registry, view)
  queues(registry, view)
  gateway(registry, view, isListed)
  notices(registry, view)
  events(registry, view)
  books(registry, view)
  settings(registry, view)
  merchantKeys(registry, view)
  health(registry, view, roles, clockDriftMs)
  return registry.metrics()
}

/** Redis was asked some time between the two readings of the own clock: only what lies outside is surely drift. */
function drift(redis: number, asked: number, answered: number): number {
  if (redis < asked) return asked - redis
  return redis > answered ? answered - redis : 0
}
