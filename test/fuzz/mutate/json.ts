import type { Random } from '../../simulation/random.ts'
import { mutateText, oddText } from './texts.ts'

/** A JSON document that may also say what JSON.parse would forget: keys twice, their order, numbers as they were written. */
export type Json =
  | { readonly kind: 'object'; readonly pairs: readonly (readonly [key: string, value: Json])[] }
  | { readonly kind: 'list'; readonly items: readonly Json[] }
  | { readonly kind: 'text'; readonly text: string }
  /** a number, true, null, or what is no JSON at all */
  | { readonly kind: 'raw'; readonly raw: string }

export const text = (value: string): Json => ({ kind: 'text', text: value })
const raw = (value: string): Json => ({ kind: 'raw', raw: value })

export function jsonOf(value: unknown): Json {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return { kind: 'list', items: value.map(jsonOf) }
  if (typeof value === 'object' && value !== null) {
    return { kind: 'object', pairs: Object.entries(value).map(([key, each]) => [key, jsonOf(each)]) }
  }
  return raw(JSON.stringify(value) ?? 'null')
}

const RAW: readonly [string, ...string[]] = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1e999',
  '200.01',
  '200.10',
  '01',
  '1.',
  '9007199254740993',
  'NaN',
  'undefined',
  "'x'",
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":{"polluted":"yes"}}',
]
const KEYS: readonly [string, ...string[]] = ['__proto__', 'constructor', 'prototype', 'toString', 'polluted', 'extra']

/** Changes one thing somewhere in a document. */
export function mutateJson(random: Random, json: Json): Json {
  if (json.kind === 'object' && json.pairs.length > 0 && random.chance(0.85)) return mutateObject(random, json.pairs)
  if (json.kind === 'list' && json.items.length > 0 && random.chance(0.8)) {
    const at = random.between(0, json.items.length - 1)
    const items = json.items.flatMap((item, index) => (index === at ? listItem(random, item) : [item]))
    return { kind: 'list', items }
  }
  return mutateValue(random, json)
}

function listItem(random: Random, item: Json): readonly Json[] {
  if (random.chance(0.1)) return []
  return random.chance(0.1) ? [item, item] : [mutateJson(random, item)]
}

type Pairs = Extract<Json, { kind: 'object' }>['pairs']

function mutateObject(random: Random, pairs: Pairs): Json {
  const at = random.between(0, pairs.length - 1)
  const pair = pairs[at]
  if (!pair) return { kind: 'object', pairs }
  const [key, value] = pair
  const put = (...now: Pairs): Json => ({
    kind: 'object',
    pairs: [...pairs.slice(0, at), ...now, ...pairs.slice(at + 1)],
  })
  switch (random.between(0, 9)) {
    case 0:
      return put()
    case 1:
      return put(pair, random.chance(0.5) ? pair : [key, mutateValue(random, value)])
    case 2:
      return put([mutateText(random, key), value])
    case 3:
      return put(pair, [random.chance(0.5) ? random.pick(KEYS) : oddText(random), mutateValue(random, value)])
    case 4:
      return { kind: 'object', pairs: shuffled(random, pairs) }
    case 5:
      return random.chance(0.1) ? many(random, pairs) : put([key, mutateValue(random, value)])
    default:
      return put([key, mutateJson(random, value)])
  }
}

function many(random: Random, pairs: Pairs): Json {
  const more = Array.from({ length: random.between(1, 400) }, (_, at) => [`field_${at}`, text('1')] as const)
  return { kind: 'object', pairs: [...pairs, ...more] }
}

function mutateValue(random: Random, value: Json): Json {
  const drawn = random.between(0, 9)
  if (drawn < 6 && value.kind === 'text') return text(mutateText(random, value.text))
  if (drawn === 6 && value.kind === 'text') return raw(value.text === '' ? '0' : value.text.slice(0, 40))
  if (drawn === 7) return text(value.kind === 'raw' ? value.raw : oddText(random))
  if (drawn === 8) return nested(value, random.chance(0.1) ? random.between(100, 10_000) : random.between(1, 3), random)
  return raw(random.pick(RAW))
}

/** Written at once: a document of a thousand levels would be too deep for those who walk through it here. */
function nested(value: Json, depth: number, random: Random): Json {
  const [open, close] = random.chance(0.5) ? ['[', ']'] : ['{"a":', '}']
  return raw(open.repeat(depth) + write(value, undefined) + close.repeat(depth))
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: random.next() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item)
}

/** Writes a document down: plain, or in another of the ways in which the same JSON can be written. */
export function written(json: Json, random?: Random): string {
  const style = random?.chance(0.3) === true ? random : undefined
  return write(json, style)
}

function write(json: Json, style: Random | undefined): string {
  const gap = (): string => (style?.chance(0.2) === true ? style.pick([' ', '\n', '\t', '\r\n', '  '] as const) : '')
  switch (json.kind) {
    case 'raw':
      return json.raw
    case 'text':
      return quoted(json.text, style)
    case 'list':
      return `[${json.items.map((item) => gap() + write(item, style) + gap()).join(',')}]`
    case 'object': {
      const pairs = json.pairs.map(
        ([key, value]) => `${gap()}${quoted(key, style)}${gap()}:${gap()}${write(value, style)}${gap()}`,
      )
      return `${gap()}{${pairs.join(',')}}${gap()}`
    }
  }
}

function quoted(value: string, style: Random | undefined): string {
  if (!style) return JSON.stringify(value)
  const escaped = (char: string): string =>
    style.chance(0.1) ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : JSON.stringify(char).slice(1, -1)
  // by code units: half a pair is written as an escape by JSON.stringify, and a pair may be two escapes
  const units = Array.from({ length: value.length }, (_, at) => value.charAt(at))
  return value.length > 500 ? JSON.stringify(value) : `"${units.map(escaped).join('')}"`
}
