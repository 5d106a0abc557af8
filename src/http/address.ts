import { isIP, isIPv6 } from 'node:net'

/**
 * The address of a sender as one text, however it was written: without zone, without the port that some proxies put
 * into X-Forwarded-For, IPv4 in its own form (a server on `::` sees `::ffff:192.0.2.1`).
 *
 * @param text absent: the connection was reset before anybody asked whose it was
 * @returns `undefined` for what is no address: a proxy hands on what a client made up
 */
export function plainAddress(text: string | undefined): string | undefined {
  if (text === undefined || isIP(text) === 4) return text
  const bare = text
    .replace(/^(\d[\d.]*):\d+$/, '$1')
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/%.*$/, '')
  if (!isIPv6(bare)) return isIP(bare) === 4 ? bare : undefined
  const groups = groupsOf(bare)
  const [high = 0, low = 0] = groups.slice(6)
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xff_ff
  return mapped ? [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.') : bare
}

/**
 * Whom an address belongs to, as far as a stranger can tell: IPv6 is given out in networks of 64 bits, and who has one
 * has all addresses in it.
 *
 * @param address as `plainAddress` gives it
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [one = 0, two = 0, three = 0, four = 0] = groupsOf(address)
  return `${[one, two, three, four].map((group) => group.toString(16)).join(':')}::/64`
}

/** The eight groups of an IPv6 address, which may end in the form of IPv4. */
function groupsOf(address: string): readonly number[] {
  const hexadecimal = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a: string, b: string, c: string, d: string) =>
      `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`,
  )
  const [before = [], after = []] = hexadecimal
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))))
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
}
