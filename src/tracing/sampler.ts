import { SpanKind } from '@opentelemetry/api'
import { ParentBasedSampler, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace'

/**
 * Follows whoever began the trace. Without one, every span that stands for a message or a call begins a trace; what
 * BullMQ does for itself (polls, locks, stalled checks) is seen only inside the trace of a refund.
 */
export function refundSampler(): Sampler {
  const root: Sampler = {
    shouldSample: (_context, _traceId, _name, kind) => ({
      decision: kind === SpanKind.INTERNAL ? SamplingDecision.NOT_RECORD : SamplingDecision.RECORD_AND_SAMPLED,
    }),
    toString: () => 'messages and calls',
  }
  return new ParentBasedSampler({ root })
}
