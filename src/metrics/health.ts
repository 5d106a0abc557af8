import type { Registry } from 'prom-client'
import type { Overview } from '../flows/overview.ts'
import { alone, each, gauge } from './family.ts'

/** Who is at work, and whether it can be relied on. */
export function health(registry: Registry, view: Overview, roles: readonly string[], clockDriftMs: number): void {
  gauge(registry, {
    name: 'refund_workers',
    help: 'Processes that were heard of lately, by role.',
    samples: each('role', roles, (role) => view.alive.filter((process) => process.roles.includes(role)).length),
  })
  gauge(registry, {
    name: 'refund_redis_durability_faults',
    help: 'Settings of Redis that could lose a refund; 0 when all are right.',
    samples: alone(view.durabilityFaults.length),
  })
  gauge(registry, {
    name: 'refund_clock_drift_seconds',
    help: 'How far the clock of the admin process is ahead of the clock of Redis, at least; negative when behind.',
    samples: alone(clockDriftMs / 1000),
  })
  gauge(registry, {
    name: 'refund_safe_start_timestamp_seconds',
    help: 'Jobs and records older than this Unix time are doubted; 0 when none are.',
    samples: alone((view.safeStart ?? 0) / 1000),
  })
}
