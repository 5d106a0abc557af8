import type { Random } from '../../simulation/random.ts'
import { type Owner, oddSignatures, signature } from '../gateway-keys.ts'
import type { Fields, Input } from '../target.ts'
import { mutateBytes } from './bytes.ts'
import { type Json, mutateJson, shuffled, text, written } from './json.ts'
import { regrouped } from './regroup.ts'
import { mutateSignature } from './signature.ts'
import { mutateText, oddText } from './texts.ts'

/** A message as the gateway signed it. */
export interface Signed {
  readonly fields: Fields
  readonly sign: string
}

export function signed(fields: Fields, by?: Owner): Signed {
  return { fields, sign: signature(fields, by) }
}

/** A field changed, left out or added, before or after signing: with sensible values as often as with odd ones. */
export function otherFields(random: Random, fields: Fields, sensible: Fields): Fields {
  const at = random.between(0, fields.length - 1)
  const field = fields[at]
  if (!field) return sensible.slice(0, 1)
  const [name, value] = field
  const put = (...now: Fields): Fields => [...fields.slice(0, at), ...now, ...fields.slice(at + 1)]
  switch (random.between(0, 6)) {
    case 0:
      return put()
    case 1:
      return put([name, mutateText(random, value)])
    case 2:
      return put([name, oddText(random)])
    case 3: {
      const other = sensible.find(([each]) => !fields.some(([known]) => known === each))
      return other ? [...fields, other] : put()
    }
    case 4: {
      const found = sensible.filter(([each, told]) => each === name && told !== value)
      const [, other = '0'] = found[random.between(0, Math.max(0, found.length - 1))] ?? []
      return put([name, other])
    }
    case 5: {
      // a text of somebody's own, which reads as the fields that he would like
      const from = random.between(0, sensible.length - 1)
      const wished = sensible.slice(from, from + random.between(1, 4)).map(([each, told]) => `&${each}=${told}`)
      return put([name, value + wished.join('')])
    }
    default:
      return [...fields, [`x_${random.between(0, 9)}`, oddText(random)]]
  }
}

/** Ways to make an input of a message that was signed. The name is the input's note. */
type Way = (random: Random, message: Signed, others: { readonly signed: Signed; readonly sensible: Fields }) => Buffer

type Weighed = readonly [note: string, weight: number, way: Way]

const INTACT: Weighed = [
  'intact',
  1,
  (random, { fields, sign }) => bytes(jsonOf(shuffled(random, [...fields, ['sign', sign] as const])), random),
]

const WAYS: readonly Weighed[] = [
  INTACT,
  [
    'a field changed',
    6,
    (random, { fields, sign }, { sensible }) =>
      bytes(jsonOf([...otherFields(random, fields, sensible), ['sign', sign]]), random),
  ],
  [
    'fields put together in another way',
    2,
    (random, { fields, sign }) => bytes(jsonOf([...regrouped(random, fields), ['sign', sign]]), random),
  ],
  [
    'another signature',
    4,
    (random, { fields, sign }) => bytes(jsonOf([...fields, ['sign', mutateSignature(random, sign)]]), random),
  ],
  [
    "another message's signature",
    1,
    (random, { fields }, { signed: other }) => bytes(jsonOf([...fields, ['sign', other.sign]]), random),
  ],
  [
    'an odd signature',
    0.1,
    (random, { fields }) => {
      const make = oddSignatures[random.between(0, oddSignatures.length - 1)]
      return bytes(jsonOf([...fields, ['sign', make?.(fields) ?? '']]), random)
    },
  ],
  ['unsigned', 1.5, (random, { fields }) => bytes(jsonOf(fields), random)],
  [
    'other JSON',
    4,
    (random, { fields, sign }) => {
      let json: Json = jsonOf([...fields, ['sign', sign]])
      for (let times = random.between(1, 3); times > 0; times--) json = mutateJson(random, json)
      return bytes(json, random)
    },
  ],
  ['other bytes', 2, (random, { fields, sign }) => mutateBytes(random, bytes(jsonOf([...fields, ['sign', sign]])))],
]
const WEIGHT = WAYS.reduce((sum, [, weight]) => sum + weight, 0)

/** @param vouched what else was signed with the gateway's key that the input may have parts of */
export function madeOf(
  random: Random,
  message: Signed,
  others: { readonly signed: Signed; readonly sensible: Fields },
): Input {
  let drawn = random.next() * WEIGHT
  const chosen = WAYS.find(([, weight]) => {
    drawn -= weight
    return drawn < 0
  })
  const [note, , way] = chosen ?? INTACT
  return { note, bytes: way(random, message, others), vouched: [message.fields, others.signed.fields] }
}

function jsonOf(fields: Fields): Json {
  return { kind: 'object', pairs: fields.map(([name, value]) => [name, text(value)]) }
}

function bytes(json: Json, random?: Random): Buffer {
  return Buffer.from(written(json, random))
}
