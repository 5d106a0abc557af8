import { type Logger, pino } from 'pino'
import { withoutArguments } from '../src/redis/error-text.ts'

interface Lines {
  write(line: string): void
}

/** JSON lines on stdout. Fields that could carry a secret are removed wherever they appear. */
export function createLogger(level: string, stream: Lines = turnByTurn()): Logger {
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
  return pino(options, stream)
}

/** The lines of one turn of the event loop leave together, with one system call; those of the last turn as the process ends. */
function turnByTurn(): Lines & { flushSync(): void } {
  const stdout = pino.destination({ sync: true })
  let lines = ''
  function flushSync(): void {
    if (lines !== '') stdout.write(lines)
    lines = ''
  }
  process.on('exit', flushSync)
  return {
    write(line) {
      if (lines === '') setImmediate(flushSync)
      lines += line
    },
    // pino asks for it after a fatal line
    flushSync,
  }
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
