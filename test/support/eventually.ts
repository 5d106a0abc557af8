import { setTimeout as sleep } from 'node:timers/promises'

export interface Patience {
  /** Milliseconds; default 10,000. A bound for a machine under load, not an expectation. */
  readonly timeoutMs?: number
  /** Milliseconds between looks; default 20. */
  readonly intervalMs?: number
}

/**
 * Looks again and again until the check holds, and returns what it returned. A check does not hold yet while it
 * throws (a failing `expect`) or returns false. At the deadline the last reason is the failure.
 */
export async function eventually<Result>(
  check: () => Result | false | Promise<Result | false>,
  { timeoutMs = 10_000, intervalMs = 20 }: Patience = {},
): Promise<Result> {
  const failure = new Error('still not so')
  Error.captureStackTrace(failure, eventually)
  const ended = new AbortController()
  const deadline = sleep(timeoutMs, 'deadline' as const, { signal: ended.signal })
  deadline.catch(() => {})
  let looks = 0
  let reason: unknown = 'the check did not return'
  try {
    while (true) {
      looks += 1
      const seen = await Promise.race([lookOnce(check), deadline])
      if (seen === 'deadline') break
      if ('value' in seen && seen.value !== false) return seen.value
      reason = 'error' in seen ? seen.error : 'the check returned false'
      if ((await Promise.race([sleep(intervalMs), deadline])) === 'deadline') break
    }
  } finally {
    ended.abort()
  }
  const why = reason instanceof Error ? reason.message : String(reason)
  failure.message = `still not so after ${timeoutMs} ms and ${looks} looks: ${why}`
  failure.cause = reason
  throw failure
}

async function lookOnce<Value>(check: () => Value | Promise<Value>): Promise<{ value: Value } | { error: unknown }> {
  try {
    return { value: await check() }
  } catch (error) {
    return { error }
  }
}
