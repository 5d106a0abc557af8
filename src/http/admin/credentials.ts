import { createHash, timingSafeEqual } from 'node:crypto'

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** Compares in a time that tells nothing of how much was right; of both, however wrong the first. */
export function matches(given: Credentials, right: Credentials): boolean {
  const user = same(given.user, right.user)
  const password = same(given.password, right.password)
  return user && password
}

function same(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
