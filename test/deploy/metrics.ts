import { metricsPage } from '../../src/metrics/page.ts'
import { type ReadFamily, readExposition } from '../metrics/exposition.ts'
import { busy, isListed, NOW, ROLES } from '../metrics/overview.ts'

/** What the admin server of a busy fleet answers, with what BullMQ says of two queues. */
export const page = await metricsPage({
  overview: () => Promise.resolve(busy),
  bullmq: () => Promise.resolve(['refund', 'refund-query'].map(bullmqExport)),
  clock: () => NOW,
  roles: ROLES,
  isListed,
})()

export const families: readonly ReadFamily[] = readExposition(page)

/** What may be asked for by name: a histogram goes by three of them. What Prometheus adds is there as well. */
export const metricNames: ReadonlySet<string> = new Set([
  'up',
  'ALERTS',
  ...families.flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
])

function bullmqExport(queue: string): string {
  return [
    '# HELP bullmq_job_count Number of jobs in the queue by state',
    '# TYPE bullmq_job_count gauge',
    `bullmq_job_count{queue="${queue}", state="waiting"} 3`,
    '# HELP bullmq_job_completed_total Total number of completed jobs',
    '# TYPE bullmq_job_completed_total counter',
    `bullmq_job_completed_total{queue="${queue}"} 3`,
  ].join('\n')
}
