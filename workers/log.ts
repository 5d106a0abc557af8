import { type Logger, pino } from 'pino'
import { withoutArguments } from '../src/redis/error-text.ts'

/** JSON lines on stdout. Fields that could carry a secret are removed wherever they appear. */
export function createLogger(level: string, stream?: { readonly write: (line: string) => void }): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: toldError },
    redact: {
      paths: ['sign', '*.sign', 'password', '*.password', 'privateKey', '*.privateKey'],
      remove: true,
    },
  }
  return stream ? pino(options, stream) : pino(options)
}

/**
 * Of an error these fields alone: what else hangs on it may be anything. One of Redis carries the command that failed,
 * which may be AUTH, itself or in the errors that it was made from.
 */
function toldError(error: unknown): unknown {
  if (!(error instanceof Error)) return withoutArguments(String(error))
  // both with those of its causes
  const { type, message, stack } = pino.stdSerializers.err(error)
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const parts = error instanceof AggregateError ? { errors: error.errors.map(oneLine) } : {}
  return { type, message: withoutArguments(message), stack: withoutArguments(stack), ...code, ...parts }
}

function oneLine(error: unknown): string {
  return withoutArguments(error instanceof Error ? error.message : String(error))
}
