import { collectDefaultMetrics, Registry } from 'prom-client'

/** prom-client's figures of this very process: memory, CPU, event loop, garbage collection. One registry a process. */
export function processMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // gauges that end like counters; the same figures are in `nodejs_active_resources`, by type
  for (const resource of ['handles', 'requests', 'resources']) {
    registry.removeSingleMetric(`nodejs_active_${resource}_total`)
  }
  return registry
}
