import { trailIn } from '../../src/ledger/codec.ts'
import { INDEXES, type IndexName, member } from '../../src/ledger/keys.ts'
import { dueAt } from '../../src/refund/due.ts'
import type { RefundEvent } from '../../src/refund/event.ts'
import { orderShare } from '../../src/refund/order-sums.ts'
import { isFinal, isHeld, type RefundRecord } from '../../src/refund/record.ts'
import type { TestLedger } from './fixture.ts'

/** What the indexes and sums must say, given the records alone. */
interface Figures {
  readonly due: Readonly<Record<string, number>>
  readonly indexes: Readonly<Record<string, readonly string[]>>
  readonly sums: Readonly<Record<string, number>>
  readonly orders: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly events: Readonly<Record<string, number>>
  readonly trail: Readonly<Record<string, number>>
}

function standsIn(index: IndexName, record: RefundRecord): boolean {
  if (index === 'open') return !isFinal(record)
  if (index === 'held') return isHeld(record)
  if (index === 'contradicted') return record.contradiction
  const [, name] = index.split(':')
  return record.state === name || (isHeld(record) && record.holds.some((reason) => reason === name))
}

export async function recordsOf(at: TestLedger): Promise<RefundRecord[]> {
  const keys = await at.redis.keys(`${at.prefix}:r:*`)
  const snapshots = await Promise.all(
    keys.map(async (key) => {
      const [oid_partner = '', no_refund = ''] = key.slice(`${at.prefix}:r:`.length).split(':')
      return await at.ledger.read({ oid_partner, no_refund })
    }),
  )
  return snapshots.flatMap(({ record }) => (record ? [record] : []))
}

/** Recomputed from the records, with nothing taken from an index. */
export function expectedFigures(records: readonly RefundRecord[], at: TestLedger): Figures {
  const sums: Record<string, number> = {}
  const orders: Record<string, Record<string, number>> = {}
  for (const record of records) {
    for (const index of INDEXES.filter((name) => standsIn(name, record))) {
      raise(sums, index, 1)
      raise(sums, `${index}:fen`, record.request?.fen ?? record.legible?.fen ?? 0)
    }
    for (const key of record.request ? at.keys.orders(record.request) : []) {
      const { reserved, settled } = orderShare(record)
      const name = key.slice(at.prefix.length)
      const { [name]: order = {} } = orders
      raise(order, 'reserved', reserved)
      raise(order, 'settled', settled)
      raise(order, 'contradictions', Number(record.contradiction))
      orders[name] = order
    }
  }
  const of = (keep: (record: RefundRecord) => boolean): string[] => records.filter(keep).map(member).toSorted()
  return {
    due: Object.fromEntries(
      records
        .filter((record) => !isFinal(record))
        .map((record) => [member(record), dueAt(record, at.policy) ?? Number.NaN]),
    ),
    indexes: Object.fromEntries(INDEXES.map((index) => [index, of((record) => standsIn(index, record))])),
    sums: withoutZeros(sums),
    orders: withoutEmpty(orders),
    events: withoutZeros(Object.fromEntries(records.map((record) => [member(record), record.events]))),
    // a line that repeats the one before stands in its place
    trail: Object.fromEntries(records.map((record) => [member(record), record.version])),
  }
}

/** What the ledger's indexes say. */
export async function keptFigures(records: readonly RefundRecord[], at: TestLedger): Promise<Figures> {
  const { redis, keys, prefix } = at
  const setOf = async (key: string): Promise<string[]> => (await redis.zrange(key, '0', '-1')).toSorted()
  const orders = await redis.keys(`${prefix}:o:*`)
  return {
    due: scores(await redis.zrange(keys.due, '0', '-1', 'WITHSCORES')),
    indexes: await table(INDEXES, async (index) => await setOf(keys.index(index))),
    sums: withoutZeros(flattened(await at.ledger.sums())),
    orders: withoutEmpty(
      await table(
        orders.map((key) => key.slice(prefix.length)),
        async (key) => {
          const { amount: _amount, ...sums } = await redis.hgetall(`${prefix}${key}`)
          return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Number(sum)]))
        },
      ),
    ),
    events: eventsBySubject(await at.events()),
    trail: await table(records.map(member), async (name) => {
      const lines = trailIn(await redis.get(`${prefix}:r:${name}`))
      return lines.reduce((sum, line) => sum + (JSON.parse(line).times ?? 1), 0)
    }),
  }
}

/** How many events each refund has; fails where their versions are not 1, 2, 3, ... in this order. */
function eventsBySubject(events: readonly RefundEvent[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { id, type } of events) {
    if (type === 'refund.held') continue
    const [oid_partner = '', no_refund = '', version] = id.split('/')
    const name = member({ oid_partner, no_refund })
    raise(counts, name, 1)
    if (Number(version) !== counts[name]) throw new Error(`${id} is event number ${counts[name]}`)
  }
  return counts
}

function flattened(sums: Awaited<ReturnType<TestLedger['ledger']['sums']>>): Record<string, number> {
  return Object.fromEntries(
    INDEXES.flatMap((index) => [
      [index, sums[index].count],
      [`${index}:fen`, sums[index].fen],
    ]),
  )
}

function raise(sums: Record<string, number>, name: string, by: number): void {
  sums[name] = (sums[name] ?? 0) + by
}

function withoutZeros(sums: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0))
}

function withoutEmpty(orders: Figures['orders']): Figures['orders'] {
  const kept = Object.entries(orders).map(([key, sums]) => [key, withoutZeros(sums)] as const)
  return Object.fromEntries(kept.filter(([, sums]) => Object.keys(sums).length > 0))
}

function scores(flat: readonly string[]): Record<string, number> {
  const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[name, Number(flat[index + 1])] as const] : []))
  return Object.fromEntries(pairs)
}

async function table<Name extends string, T>(
  names: readonly Name[],
  look: (name: Name) => Promise<T>,
): Promise<Record<string, T>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await look(name)] as const)))
}
