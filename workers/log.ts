import { type Logger, pino } from 'pino'

/** JSON lines on stdout. Fields that could carry a secret are removed wherever they appear. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      // an error of Redis carries the command that failed, and that may be AUTH
      paths: ['err.command', 'sign', '*.sign', 'password', '*.password', 'privateKey', '*.privateKey'],
      remove: true,
    },
  })
}
