import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'

const KINDS = { client: SpanKind.CLIENT, server: SpanKind.SERVER, producer: SpanKind.PRODUCER } as const

/** A piece of work that is over. */
export interface FinishedSpan {
  readonly name: string
  readonly kind: keyof typeof KINDS
  /** W3C trace context that it belongs to; absent: the work under way, else a trace of its own */
  readonly traceparent?: string
  /** epoch ms */
  readonly from: number
  /** epoch ms */
  readonly to: number
  readonly attributes: Readonly<Record<string, string | number>>
  /** why it failed */
  readonly failure?: string
}

export function spanWriter(tracer: Tracer): (span: FinishedSpan) => void {
  return ({ name, kind, traceparent, from, to, attributes, failure }) => {
    const options = { kind: KINDS[kind], startTime: from, attributes }
    const span = tracer.startSpan(name, options, parentFor(traceparent))
    if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
    span.end(to)
  }
}

export function activeTraceparent(): string | undefined {
  const span = trace.getSpanContext(context.active())
  if (!span || !isSpanContextValid(span)) return undefined
  const { traceId, spanId, traceFlags } = span
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** The work under way where that is of the same trace, so that calls stand below the job that made them. */
function parentFor(traceparent: string | undefined): Context {
  const active = context.active()
  if (traceparent === undefined) return active
  const given = propagation.extract(ROOT_CONTEXT, { traceparent })
  const sameTrace = trace.getSpanContext(given)?.traceId === trace.getSpanContext(active)?.traceId
  return sameTrace ? active : given
}
