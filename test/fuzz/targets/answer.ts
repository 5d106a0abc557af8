import { classifyQuery, classifySubmit } from '../../../src/lianlian/classify.ts'
import { REQUEST } from '../../lianlian/sample.ts'
import { gateway } from '../gateway-keys.ts'
import { type Input, type Target, tally } from '../target.ts'
import { answers, wrongOutcome } from './answers.ts'
import { FURTHER_FIELD } from './notification.ts'

const STATUSES = [201, 204, 302, 400, 404, 500, 502, 503] as const
const STATUS = /^HTTP (\d+), /

export interface Classifiers {
  readonly submit: typeof classifySubmit
  readonly query: typeof classifyQuery
}

/** What is concluded from an answer to a submit and to a query. */
export function answerTarget(
  { submit, query }: Classifiers = { submit: classifySubmit, query: classifyQuery },
): Target {
  const counts = new Map<string, number>()
  const make = answers()
  return {
    name: 'answer',
    share: 4,
    slowMs: 100,
    counts,
    make(random) {
      const input = make(random)
      return random.chance(0.05) ? { ...input, note: `HTTP ${random.pick(STATUSES)}, ${input.note}` } : input
    },
    check(input) {
      const { bytes, vouched, note } = input
      const status = Number(STATUS.exec(note)?.[1] ?? 200)
      const exchange = { kind: 'answered', status, body: bytes } as const
      const received = { request: REQUEST, exchange, publicKeys: gateway.publicKeys }
      const outcomes = [
        submit({ ...received, trustUnsignedRefusals: true }),
        submit({ ...received, trustUnsignedRefusals: false }),
        query(received),
      ] as const
      for (const [at, outcome] of outcomes.entries()) {
        tally(counts, `${at === 2 ? 'query' : 'submit'} ${outcome.kind}`)
        const wrong = wrongOutcome(outcome, bytes, vouched, at === 0)
        if (wrong !== undefined) return wrong
        if (status !== 200 && outcome.kind !== 'unclear' && outcome.kind !== 'inconclusive') {
          return `HTTP ${status} was believed: ${outcome.kind}`
        }
      }
      return note === 'intact' ? wronglyRefused(input, outcomes[0].kind) : undefined
    },
  }
}

/** A whole and true answer must be taken. */
function wronglyRefused({ vouched: [fields = []] }: Input, kind: string): string | undefined {
  const said = new Map(fields)
  const { oid_partner, no_refund, dt_refund } = REQUEST
  const ours = said.get('oid_partner') === oid_partner && said.get('no_refund') === no_refund
  const timed = said.get('dt_refund') === undefined || said.get('dt_refund') === dt_refund
  const isPlain = (text: string): boolean => text.isWellFormed() && !FURTHER_FIELD.test(text)
  const plain = [...said].every(([name, value]) => /^[a-z0-9_]+$/.test(name) && isPlain(value))
  const whole = said.get('ret_code') === '0000' && said.get('money_refund') === '200.01'
  if (!ours || !timed || !plain || !whole || said.get('sign_type') !== 'RSA') return undefined
  return kind === 'accepted' ? undefined : `a true answer was not taken: ${kind}`
}
