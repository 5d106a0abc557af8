import { BlockList, isIP, isIPv6 } from 'node:net'
import { type Format, list } from './formats.ts'
import { Secret } from './secret.ts'

export interface HostPort {
  readonly host: string
  readonly port: number
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether only this machine can be behind the host: 127.0.0.0/8, ::1 (in brackets too) or `localhost`. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(bare)
  if (family === 0) return bare.toLowerCase() === 'localhost'
  return loopback.check(bare, family === 4 ? 'ipv4' : 'ipv6')
}

function hostOf(text: string): string | undefined {
  if (isIP(text) !== 0) return text
  // Digits and dots that are no address are a mistyped address, not a name.
  if (/^[0-9.]+$/.test(text)) return undefined
  return /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(text) ? text : undefined
}

export const hostName: Format<string> = { expected: 'an IP address or a host name', parse: hostOf }

function hostPortOf(text: string): HostPort | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text) ?? []
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined
  const name = bracketed ?? hostOf(plain ?? '')
  const port = Number(digits)
  return name !== undefined && port >= 1 && port <= 65_535 ? { host: name, port } : undefined
}

/** `h:p`; an IPv6 address stands in brackets, `[::1]:6379`. */
export const hostPorts = list('host:port pairs separated by commas', hostPortOf)

function cidrOf(text: string): string | undefined {
  const [, address = '', bits] = /^([^/%]+)(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text) ?? []
  const family = isIP(address)
  if (family === 0) return undefined
  return Number(bits ?? 0) <= (family === 4 ? 32 : 128) ? text : undefined
}

export const cidr: Format<string> = { expected: 'an IP address or a CIDR range', parse: cidrOf }
export const cidrs = list('IP addresses or CIDR ranges separated by commas', cidrOf)

function httpUrlOf(text: string): string | undefined {
  if (!/^https?:\/\/[^\s\\]+$/.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  // The URL is printed in listings and logs: a password has no place in it.
  return url.username === '' && url.password === '' ? text : undefined
}

export const httpUrl: Format<string> = { expected: 'an http(s) URL without user and password', parse: httpUrlOf }

/** Whether nobody on the way can read or change what is sent there: TLS, or this very machine. */
export function isSecure(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || isLoopback(hostname)
}

/** The gateway's field `notify_url` holds 128 characters. */
export const notifyUrl: Format<string> = {
  expected: 'an http(s) URL of at most 128 characters, without user and password',
  parse: (text) => (text.length <= 128 ? httpUrlOf(text) : undefined),
}

/** The whole URL is secret; user, password and options are masked where it is shown. */
export const redisUrl: Format<Secret> = {
  expected: 'redis://host:port/db or rediss://host:port/db (special characters in a password percent-encoded)',
  parse: (text) => {
    if (!/^rediss?:\/\/\S+$/.test(text) || !URL.canParse(text)) return undefined
    const url = new URL(text)
    // A fragment is an unescaped # of a password, which would be cut off without a word.
    if (url.hostname === '' || url.hash !== '' || !/^\/?[0-9]*$/.test(url.pathname)) return undefined
    const credentials = url.username !== '' || url.password !== '' ? '***@' : ''
    const options = url.search === '' ? '' : '?***'
    return new Secret(text, `${url.protocol}//${credentials}${url.host}${url.pathname}${options}`)
  },
}
