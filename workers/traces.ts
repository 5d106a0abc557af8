import type { Logger } from 'pino'
import type { GatewayUrls } from '../config/policy.ts'
import type { Settings } from '../config/settings.ts'
import type { Trace, WorkName } from '../src/flows/trace.ts'
import type { FinishedSpan, Tracing } from '../src/tracing/tracing.ts'
import type { Lifecycle } from './lifecycle.ts'

const KINDS: Readonly<Record<WorkName, FinishedSpan['kind']>> = {
  'gateway submit': 'client',
  'gateway query': 'client',
  notification: 'server',
  publish: 'producer',
}

/** Traces, where the settings name a collector: without one nothing of OpenTelemetry is loaded. */
export async function openTracing(
  { tracing }: Settings,
  log: Logger,
  lifecycle: Lifecycle,
): Promise<Tracing | undefined> {
  if (!tracing) return undefined
  const { startTracing } = await import('../src/tracing/tracing.ts')
  const started = startTracing({
    endpoint: tracing.endpoint,
    onLost: (error) => log.warn({ err: error }, 'traces cannot be delivered'),
    onFound: () => log.info('traces are delivered again'),
  })
  lifecycle.onStop('tracing', () => started.stop())
  return started
}

/** The work of the flows as spans. */
export function traceOf(tracing: Tracing, urlsOf: (oid_partner: string) => GatewayUrls): Trace {
  return (name) => {
    const [from, began] = [Date.now(), performance.now()]
    return ({ oid_partner, no_refund, traceparent }, facts, failure) => {
      tracing.write({
        name,
        kind: KINDS[name],
        from,
        to: from + (performance.now() - began),
        attributes: { oid_partner, no_refund, ...given(facts), ...addressOf(name, facts.kind, urlsOf(oid_partner)) },
        ...(traceparent !== undefined && { traceparent }),
        ...(failure !== undefined && { failure }),
      })
    }
  }
}

const given = (facts: Parameters<ReturnType<Trace>>[1]): Record<string, string | number> =>
  Object.fromEntries(Object.entries(facts).filter((fact): fact is [string, string | number] => fact[1] !== undefined))

/** Whom a call went to, by OpenTelemetry's own names. */
function addressOf(name: WorkName, kind: unknown, gateway: GatewayUrls): Record<string, string | number> {
  if (KINDS[name] !== 'client') return {}
  const submitted = kind === 'exchange' ? gateway.exchangeRefundUrl : gateway.refundUrl
  const { hostname, port, protocol } = new URL(name === 'gateway query' ? gateway.queryUrl : submitted)
  const usual = protocol === 'https:' ? 443 : 80
  return { 'server.address': hostname, 'server.port': port === '' ? usual : Number(port) }
}
