import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'
import { FEN, numberOf } from './refunds.ts'

/** `LEDGER_PREFIX` as it comes. */
export const LEDGER = '{refunds}'

/** Everything that the ledger holds of one refund, as found in Redis, whatever the ledger's own layout is. */
interface Template {
  readonly number: string
  readonly strings: readonly { readonly key: string; readonly text: string }[]
  readonly hashes: readonly { readonly key: string; readonly cells: readonly string[] }[]
  readonly lists: readonly { readonly key: string; readonly lines: readonly string[] }[]
  readonly sets: readonly { readonly key: string; readonly member: string; readonly score: number }[]
  /** the indexes to whose money it adds */
  readonly money: readonly { readonly name: string; readonly fen: number }[]
  /** all of it and how Redis keeps it, see `formOf` */
  readonly form: string
}

const script = readFileSync(new URL('./clone.lua', import.meta.url), 'utf8')
const AT_ONCE = 1_000

/** Reads what a worker left of a refund, to be copied: a ledger of a million refunds is loaded so within a minute. */
export async function templateOf(redis: Redis, number: string): Promise<Template> {
  const keys = await keysOf(redis, `${LEDGER}:*`)
  const types = await Promise.all(keys.map(async (key) => [key, await redis.type(key)] as const))
  const own = (type: string) => types.filter(([key, its]) => its === type && key.includes(number)).map(([key]) => key)
  const strings = await Promise.all(own('string').map(async (key) => ({ key, text: (await redis.get(key)) ?? '' })))
  const hashes = await Promise.all(
    own('hash').map(async (key) => ({ key, cells: Object.entries(await redis.hgetall(key)).flat() })),
  )
  const lists = await Promise.all(own('list').map(async (key) => ({ key, lines: await redis.lrange(key, 0, -1) })))
  const found = [strings, hashes, lists].flat().length
  if (found === 0 || found < keys.filter((key) => key.includes(number)).length) {
    throw new Error(`the ledger keeps ${number} in a way that cannot be copied`)
  }
  const sets: Template['sets'][number][] = []
  for (const [key, type] of types) {
    const members = type === 'zset' ? await redis.zrange(key, '0', '-1') : []
    const member = members.find((each) => each.endsWith(number))
    if (member !== undefined) sets.push({ key, member, score: Number(await redis.zscore(key, member)) })
  }
  const money: Template['money'][number][] = []
  for (const { key } of sets) {
    const name = key.slice(LEDGER.length + 1)
    if ((await redis.hexists(`${LEDGER}:money`, name)) === 1) money.push({ name, fen: FEN })
  }
  return { number, strings, hashes, lists, sets, money, form: await formOf(redis, number) }
}

/** @param from the first copy's index, see `numberOf` */
export async function clone(redis: Redis, template: Template, from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at += AT_ONCE) {
    const some = Math.min(AT_ONCE, from + count - at)
    await redis.eval(script, 1, `${LEDGER}:money`, JSON.stringify(template), template.number, at, String(some))
  }
  // a copy must be what a worker leaves, to the byte
  if ((await formOf(redis, numberOf(from))) !== template.form)
    throw new Error('the copies differ from what a worker leaves')
}

/** What the ledger holds under the refund's number, and how Redis keeps it, without the number itself. */
async function formOf(redis: Redis, number: string): Promise<string> {
  const forms: unknown[] = []
  for (const key of (await keysOf(redis, `${LEDGER}:*${number}`)).toSorted()) {
    const held = await heldIn(redis, key)
    forms.push([key, await redis.object('ENCODING', key), await redis.memory('USAGE', key, 'SAMPLES', 0), held])
  }
  return JSON.stringify(forms).replaceAll(number, 'NUMBER')
}

async function heldIn(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key)
  if (type === 'string') return redis.get(key)
  if (type === 'list') return redis.lrange(key, 0, -1)
  // the fields of a hash have no order that means anything
  return Object.entries(await redis.hgetall(key)).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

async function keysOf(redis: Redis, match: string): Promise<string[]> {
  const found: string[] = []
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', match, 'COUNT', 10_000)
    found.push(...keys)
    cursor = next
  } while (cursor !== '0')
  return found
}
