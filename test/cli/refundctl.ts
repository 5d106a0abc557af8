import { spawn } from 'node:child_process'
import { text as textOf } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { inject, vi } from 'vitest'
import { PARTNER } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { testNamespace } from '../support/redis.ts'

// each run starts a program, and the machine may be busy
vi.setConfig({ testTimeout: 60_000 })

export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export type Environment = Readonly<Record<string, string>>

export interface Running {
  readonly ended: Promise<Ran>
  readonly stdout: NodeJS.ReadableStream
  signal(signal: NodeJS.Signals): void
}

/** Numbers, amounts and everything else of a refund in JSON. */
export type Json = Readonly<Record<string, unknown>>

/** The real program, with nothing in its environment but what the test gives. */
export function start(args: readonly string[], env: Environment, input?: string): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...programEnvironment, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  cleanUp(() => child.kill('SIGKILL'))
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  const { promise: code, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve)
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
  // a test may close stdout itself
  out.catch(() => {})
  return {
    stdout: child.stdout,
    ended: Promise.all([code, out.catch(() => ''), err]).then(([ended, stdout, stderr]) => ({
      code: ended,
      out: stdout,
      err: stderr,
    })),
    signal: (signal) => child.kill(signal),
  }
}

/** What an operator's machine has: where Redis is, and the merchant's number; no key. */
export function operatorSettings(prefix: string = testNamespace().ledgerPrefix): Environment {
  return {
    REDIS_URL: inject('redisUrl'),
    LIANLIAN_OID_PARTNER: PARTNER,
    LEDGER_PREFIX: prefix,
    QUEUE_PREFIX: prefix.replace(/}$/, '-queue}'),
    TZ: 'UTC',
  }
}

/** refundctl at a ledger. */
export function refundctl(env: Environment): (...args: readonly string[]) => Promise<Ran> {
  return async (...args) => start(args, env).ended
}

export function json(text: string): Json {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`no object: ${text}`)
  return { ...value }
}

export function jsonLines(text: string): Json[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(json)
}
