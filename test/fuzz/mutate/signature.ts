import type { Random } from '../../simulation/random.ts'
import { oddText } from './texts.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Another text in the place of a signature: none of them is the signature any more, though some mean the same bytes. */
export function mutateSignature(random: Random, sign: string): string {
  const bytes = Buffer.from(sign, 'base64')
  const changed = CHANGES[random.between(0, CHANGES.length - 1)]?.(random, sign, bytes) ?? ''
  return changed === sign ? '' : changed
}

type Change = (random: Random, sign: string, bytes: Buffer) => string

const CHANGES: readonly Change[] = [
  (random, sign) => sign.slice(0, random.between(0, sign.length - 1)),
  (_random, sign) => sign.replaceAll('+', '-').replaceAll('/', '_'),
  (_random, sign) => sign.replace(/=+$/, ''),
  (random, sign) => sign + '='.repeat(random.between(1, 3)),
  (random, sign) => {
    const at = random.between(0, sign.length)
    return (
      sign.slice(0, at) + random.pick(['\n', ' ', '\r\n', '\t', '\u0000', '%0A', '\u200b'] as const) + sign.slice(at)
    )
  },
  (random, sign) => (random.chance(0.5) ? sign.toLowerCase() : sign.toUpperCase()),
  (_random, _sign, bytes) => bytes.toString('hex'),
  (random, _sign, bytes) => {
    const flipped = Buffer.from(bytes)
    const at = random.between(0, flipped.length - 1)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.between(0, 7))
    return flipped.toString('base64')
  },
  (random, _sign, bytes) => {
    const zeros = Buffer.alloc(random.between(1, 4))
    return Buffer.concat(random.chance(0.5) ? [zeros, bytes] : [bytes, zeros]).toString('base64')
  },
  (random, _sign, bytes) => Buffer.alloc(bytes.length, random.pick([0, 1, 255] as const)).toString('base64'),
  // the same bytes, with bits set that nobody reads
  (random, sign) => {
    const at = sign.search(/=*$/) - 1
    const next = (ALPHABET.indexOf(sign.charAt(at)) + random.between(1, 3)) % 64
    return sign.slice(0, at) + ALPHABET.charAt(next) + sign.slice(at + 1)
  },
  (random) => oddText(random),
]
