import type { Random } from '../../simulation/random.ts'

const ODD: readonly [string, ...string[]] = [
  'efbbbf', // a byte order mark
  'fffe',
  'feff',
  '00',
  'ff',
  'c080', // NUL in too many bytes
  'eda080', // half a surrogate pair
  'f4908080', // beyond Unicode
  '80',
  'c3',
  '1f8b08',
  '0d0a',
  '0a',
  '0d',
  'a3ac', // a comma of GBK
  '817c', // a character of GBK whose second byte is |
  '7b',
  '7d',
  '22',
  '2c',
  '5c',
]

/** Changes a few bytes, whatever they mean. */
export function mutateBytes(random: Random, bytes: Buffer, most = 3): Buffer {
  let changed = bytes
  for (let times = random.between(1, most); times > 0; times--) changed = once(random, changed)
  return changed
}

function once(random: Random, bytes: Buffer): Buffer {
  const at = random.between(0, bytes.length)
  const to = Math.min(bytes.length, at + random.between(1, 16))
  const head = bytes.subarray(0, at)
  const part = bytes.subarray(at, to)
  const tail = bytes.subarray(to)
  switch (random.between(0, 7)) {
    case 0: {
      const flipped = Buffer.from(bytes)
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.between(0, 7))
      return flipped
    }
    case 1:
      return Buffer.concat([head, tail])
    case 2:
      return Buffer.concat([head, part, part, tail])
    case 3:
      return Buffer.concat([head, Buffer.from(random.pick(ODD), 'hex'), part, tail])
    case 4:
      return Buffer.concat([Buffer.from(random.pick(ODD), 'hex'), bytes])
    case 5:
      return head
    case 6:
      return Buffer.concat([bytes, random.chance(0.5) ? bytes : Buffer.from(random.pick(ODD), 'hex')])
    default:
      return Buffer.concat([head, part.toReversed(), tail])
  }
}
