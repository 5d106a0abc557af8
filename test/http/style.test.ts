import { expect, test } from 'vitest'
import { STYLE } from '../../src/http/admin/style.ts'

const [light = '', dark = ''] = STYLE.split('prefers-color-scheme: dark').map((part) => part.slice(0, 900))
const PAIRS = [
  ...['ink', 'quiet', 'link', 'wrong'].flatMap((text) => [`${text}/ground`, `${text}/paper`]),
  ...['well', 'watch', 'wrong'].flatMap((rank) => [`${rank}/${rank}-ground`, `ink/${rank}-ground`]),
  'watch/wrong-ground',
]

test.for([
  ['light', light],
  ['dark', dark],
] as const)('every text has a contrast of at least 4.5 in the %s scheme', ([, scheme]) => {
  for (const pair of PAIRS) {
    const [text = '', ground = ''] = pair.split('/').map((name) => colour(scheme, name))
    expect(contrast(text, ground), pair).toBeGreaterThanOrEqual(4.5)
  }
})

function colour(scheme: string, name: string): string {
  const [, digits = ''] = new RegExp(`--${name}: #([0-9a-f]{3,6});`).exec(scheme) ?? []
  return digits.length === 3 ? digits.replace(/./g, '$&$&') : digits
}

/** As WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const [dim = 0, bright = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (bright + 0.05) / (dim + 0.05)
}

function luminance(digits: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4]
    .map((at) => Number.parseInt(digits.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
