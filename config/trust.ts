import { X509Certificate } from 'node:crypto'
import { type Format, list } from './formats.ts'
import { Secret } from './secret.ts'

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

function areCertificates(blocks: readonly string[]): boolean {
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).raw.length > 0)
  } catch {
    return false
  }
}

/** Certificates of authorities; what stands between the blocks is for people. */
export const certificates: Format<string> = {
  expected: 'one PEM certificate or several',
  parse: (text) => {
    const blocks = text.match(PEM) ?? []
    return areCertificates(blocks) ? blocks.join('\n') : undefined
  },
}

/** 32 bytes, written in the one way that base64 has for them. */
export const pinnedKeys = list('SHA-256 hashes in base64 (44 characters) separated by commas', (text) =>
  Buffer.from(text, 'base64').length === 32 && Buffer.from(text, 'base64').toString('base64') === text
    ? text
    : undefined,
)

/** The whole URL is secret; user and password are masked where it is shown. */
export const proxyUrl: Format<Secret> = {
  expected: 'http://host:port or http://user:password@host:port (special characters percent-encoded)',
  parse: (text) => {
    if (!/^http:\/\/[^\s\\]+$/.test(text) || !URL.canParse(text)) return undefined
    const { username, password, host, pathname, search, hash } = new URL(text)
    if (pathname !== '/' || search !== '' || hash !== '' || !isDecodable(username + password)) return undefined
    return new Secret(text, `http://${username === '' && password === '' ? '' : '***@'}${host}`)
  },
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '' || text === ''
  } catch {
    return false
  }
}
