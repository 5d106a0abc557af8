import { ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { SpanExporter } from '@opentelemetry/sdk-trace'

/** One batch, its repetitions within: a collector that is started anew is back by then. */
const TIMEOUT_MS = 5_000

/** The collector was lost, or found again; each is told once, however many spans are lost meanwhile. */
export interface CollectorWatch {
  readonly onLost: (error: Error | undefined) => void
  readonly onFound: () => void
}

/** @param endpoint base URL; the path of the signal is appended, as the specification of OTLP over HTTP says */
export function otlpExporter(endpoint: string, { onLost, onFound }: CollectorWatch): SpanExporter {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: TIMEOUT_MS,
  })
  let lost = false
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code === ExportResultCode.FAILED
        if (failed !== lost) {
          lost = failed
          if (failed) onLost(result.error)
          else onFound()
        }
        done(result)
      })
    },
    forceFlush: async () => exporter.forceFlush(),
    shutdown: async () => exporter.shutdown(),
  }
}
