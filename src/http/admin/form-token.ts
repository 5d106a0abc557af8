import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const VALID_MS = 10 * 60_000

/**
 * Proves that a form was sent from a page that this process made lately, for the very act that it names.
 *
 * @param clock epoch ms
 */
export function formTokens(clock: () => number) {
  // a restart makes every open form stale, which costs one reload
  const key = randomBytes(32)
  const sign = (act: string, at: number) => createHmac('sha256', key).update(`${at}|${act}`).digest('base64url')
  return {
    issue(act: string): string {
      const at = clock()
      return `${at}.${sign(act, at)}`
    },
    isValid(token: string, act: string): boolean {
      const [at = '', signature = ''] = token.split('.')
      const given = Buffer.from(signature)
      const right = Buffer.from(sign(act, Number(at)))
      const since = clock() - Number(at)
      return given.length === right.length && timingSafeEqual(given, right) && since >= 0 && since <= VALID_MS
    },
  }
}
