import { readFileSync } from 'node:fs'

export const USERS = ['refund-worker', 'refund-producer', 'refund-consumer', 'refund-reader'] as const
export type RedisUser = (typeof USERS)[number]

/** Of no user of the file in use anywhere: servers of tests listen on 127.0.0.1 alone. */
const PASSWORD = 'only-for-tests'

const shipped = readFileSync(new URL('../../deploy/redis/users.acl', import.meta.url), 'utf8')

/**
 * `deploy/redis/users.acl` for a server of the tests: every user has a password, and the default user may do everything,
 * for the tests' own looks.
 *
 * @param keysOf what stands in the place of each key pattern; default: itself
 */
export function usersFile(keysOf: (pattern: string) => string = (pattern) => pattern): string {
  return shipped
    .replace(/^user default .*$/m, 'user default on nopass ~* &* +@all')
    .replaceAll(/^(user refund-\S+ on resetpass)/gm, `$1 >${PASSWORD}`)
    .replaceAll(/~(\S+?)(?=[ )])/g, (_, pattern: string) => `~${keysOf(pattern)}`)
}

/** The server's address for one of these users. */
export function urlFor(user: RedisUser, url: string): string {
  const { host } = new URL(url)
  return `redis://${user}:${PASSWORD}@${host}`
}

/** The same server as the default user, who may do everything: for what a test does besides the product. */
export function forTests(url: string): string {
  const { password, protocol, host } = new URL(url)
  return password === PASSWORD ? `${protocol}//${host}` : url
}
