export interface BackoffPolicy {
  readonly baseMs: number
  readonly factor: number
  readonly capMs: number
  /** 0-1: the part of each delay that is random */
  readonly jitter: number
}

/**
 * Exponential backoff: `min(cap, base * factor^(n-1))`, of which the part `jitter` is random.
 *
 * @param n which delay in a row, from 1
 * @param random in [0, 1); the caller brings it so that a decision can be replayed
 * @returns whole milliseconds between `(1 - jitter) * d` and `d`
 */
export function backoffMs(policy: BackoffPolicy, n: number, random: number): number {
  const full = Math.min(policy.capMs, policy.baseMs * policy.factor ** (n - 1))
  return Math.max(1, Math.round(full * (1 - policy.jitter * random)))
}
