import { randomInt } from 'node:crypto'
import { isFree } from '../../src/embedded/free-port.ts'

/** Apart from those that programs of the project choose by themselves. */
const LOWEST = 15_000
/** Test files that run at the same time choose from shares of their own. */
const SHARE = 4_000
const share = LOWEST + (Number(process.env.VITEST_POOL_ID ?? 1) - 1) * SHARE

let next = randomInt(SHARE)

/**
 * A TCP port of 127.0.0.1 that nobody has, and nobody else was told of: between the telling and the taking lies the start
 * of a process, long enough for a port that is drawn by lot to be told to two.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < SHARE; tries++) {
    next = (next + 1) % SHARE
    if (await isFree(share + next)) return share + next
  }
  throw new Error(`no port from ${share} on is free`)
}
