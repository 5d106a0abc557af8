import type { Random } from '../../simulation/random.ts'

/** Texts at which readers stumble. */
const ODD: readonly [string, ...string[]] = [
  '',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '0',
  '-0',
  '-1',
  '00',
  '1.',
  '.5',
  '1e3',
  '0x10',
  '1.005',
  '200.010',
  '+200.01',
  '200,01',
  '２００.０１',
  '٢٠٠',
  '99999999999999999999',
  '999999999999.99',
  '9007199254740993',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  '[object Object]',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '&',
  '=',
  '&=',
  'a&b=c',
  '&sta_refund=2',
  '&sign_type=RSA',
  '退款成功',
  '𝒳',
  '💸',
  '\ud800',
  '\udc00',
  '\u0000',
  '\u001b[31m',
  '\u0085',
  '\u00a0',
  '\u200b',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\ufffd',
  'é',
  'e\u0301',
  'ﬀ',
  'ı',
  'K',
  '"',
  "'",
  '\\',
  '\\u0000',
  '%00',
  '%s%n',
  '<b>',
  '../../etc/passwd',
  '20230230000000',
  '99991231235959',
  '00000000000000',
]

const LONG = 70_000

export function oddText(random: Random): string {
  if (random.chance(0.02)) return random.pick(['A', '&', '0', '\\', '退', '['] as const).repeat(random.between(2, LONG))
  return random.pick(ODD)
}

/** Changes one small thing about a text. */
export function mutateText(random: Random, text: string): string {
  const at = random.between(0, text.length)
  const before = text.slice(0, at)
  const behind = text.slice(at)
  switch (random.between(0, 9)) {
    case 0:
      return before + behind.slice(1)
    case 1:
      return before + behind.charAt(0) + behind
    case 2:
      return before + oddText(random) + behind
    case 3:
      return oddText(random)
    case 4:
      return text + oddText(random)
    case 5:
      return oddText(random) + text
    case 6:
      return text.toUpperCase() === text ? text.toLowerCase() : text.toUpperCase()
    case 7:
      return before
    case 8:
      return before + String(random.between(0, 9)) + behind.slice(1)
    default:
      return before + String.fromCharCode(random.between(0, 0x2ff)) + behind.slice(1)
  }
}
