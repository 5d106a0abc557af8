import { readFileSync } from 'node:fs'
import { submitJob } from '../../../src/flows/submit.ts'
import { parseFlatMessage } from '../../../src/lianlian/flat-message.ts'
import { refundMessage } from '../../../src/lianlian/messages.ts'
import { verify } from '../../../src/lianlian/signature.ts'
import { type ParsedRefund, parseRefundJob } from '../../../src/refund/job-data.ts'
import { FakeGateway } from '../../flows/fake-gateway.ts'
import { defaults } from '../../refund/builders.ts'
import { fuzzedEngine } from '../engine.ts'
import { merchant } from '../gateway-keys.ts'
import { fenOf, notMoney, unclear } from '../guards.ts'
import { jsonOf, mutateJson, written } from '../mutate/json.ts'
import { type Target, tally } from '../target.ts'

const CORPUS: readonly unknown[] = readFileSync(new URL('../corpus/job.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

/** One in so many goes through the engine as well, with signing. */
const THROUGH_ENGINE = 10

/** Job data as any producer may write it, and what the engine does about it. */
export function jobTarget(parse: typeof parseRefundJob = parseRefundJob): Target {
  const counts = new Map<string, number>()
  return {
    name: 'job',
    share: 4,
    slowMs: 100,
    counts,
    make(random) {
      let json = jsonOf(CORPUS[random.between(0, CORPUS.length - 1)])
      for (let times = random.between(0, 3); times > 0; times--) json = mutateJson(random, json)
      return { bytes: Buffer.from(written(json, random)), vouched: [], note: 'job data' }
    },
    async check({ bytes }) {
      const data = dataOf(bytes)
      if (!data) {
        tally(counts, 'no JSON: no producer can add it')
        return undefined
      }
      const parsed = parse(data.value, defaults())
      tally(counts, parsed.ok ? 'taken' : 'refused')
      const again = parse(turned(data.value), defaults())
      const wrong = wrongParsing(parsed, data.value) ?? differing(parsed, again)
      if (wrong !== undefined || bytes.length % THROUGH_ENGINE !== 0) return wrong
      tally(counts, 'through the engine')
      return await throughEngine(parsed, data.value)
    },
  }
}

function dataOf(bytes: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(bytes.toString()) }
  } catch {
    return undefined
  }
}

/** The same data with its keys the other way round. */
function turned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const other = {}
  for (const [key, each] of Object.entries(value).toReversed()) {
    Object.defineProperty(other, key, { value: each, enumerable: true, configurable: true, writable: true })
  }
  return other
}

/** Names what it is about, then says in words what is expected. */
const FAULT = /^\S.*: .*[a-z]{3}/

function wrongParsing(parsed: ParsedRefund, value: unknown): string | undefined {
  if (parsed.ok) return wrongRequest(parsed, value)
  if (parsed.faults.length === 0) return 'it was refused without a fault'
  if (parsed.faults.length > 60) return `${parsed.faults.length} faults`
  for (const fault of parsed.faults) {
    const bad = unclear(fault, { longest: 250, subject: FAULT })
    if (bad !== undefined) return bad
  }
  return parsed.legible.fen === undefined ? undefined : notMoney(parsed.legible.fen)
}

function wrongRequest({ request, order_amount }: Extract<ParsedRefund, { ok: true }>, value: unknown) {
  const said = new Map<string, unknown>(Object.entries(value ?? {}))
  const money = String(said.get('money_refund'))
  if (typeof said.get('money_refund') !== 'string') return 'an amount that is not text was taken'
  const bad = notMoney(request.fen) ?? (order_amount === undefined ? undefined : notMoney(order_amount))
  if (bad !== undefined) return bad
  if (request.fen < 1 || request.fen > 10_000_000_000) return `an amount out of bounds: ${request.fen}`
  if (fenOf(money) !== BigInt(request.fen)) return `${money} was read as ${request.fen} fen`
  for (const name of ['no_refund', 'no_order', 'oid_paybill', 'dt_order'] as const) {
    if (request[name] !== said.get(name)) return `${name} is not what the job says`
  }
  const texts = Object.entries(request).filter(([name]) => name !== 'notify_url' && name !== 'fen')
  const odd = texts.find(([, text]) => !/^[\x21-\x7e]{1,40}$/.test(String(text)) || /[&=]/.test(String(text)))
  return odd ? `${odd[0]} has a form that must not be signed` : undefined
}

function differing(one: ParsedRefund, other: ParsedRefund): string | undefined {
  const plain = ({ ok, content, ...rest }: ParsedRefund) => JSON.stringify(ok ? { content, ...rest } : { ok })
  return plain(one) === plain(other) ? undefined : 'the order of the keys matters'
}

/** What cannot be read is never sent, and what can is sent once, as it was asked for, also when the job comes again. */
async function throughEngine(parsed: ParsedRefund, data: unknown): Promise<string | undefined> {
  const gateway = new FakeGateway()
  const { engine } = fuzzedEngine(gateway)
  const { merchants, timestamp } = defaults()
  for (const id of ['job-1', 'job-1', 'job-2']) await submitJob(engine, merchants, { id, data, timestamp })
  if (!parsed.ok) return gateway.book.length === 0 ? undefined : 'a refused job was sent'
  const { order_amount = Number.POSITIVE_INFINITY } = parsed
  if (parsed.request.fen > order_amount) return gateway.book.length === 0 ? undefined : 'more than its order was sent'
  const [request, ...more] = gateway.book
  if (!request || more.length > 0) return `sent ${gateway.book.length} times`
  if (request.fen !== parsed.request.fen) return 'another amount was sent'
  const message = parseFlatMessage(refundMessage(request, merchant.privateKey))
  if (!message.ok) return `the request is no message: ${message.reason}`
  return verify(message.message, merchant.publicKeys) ? undefined : 'the request does not verify'
}
