import type { QueryOutcome, SubmitOutcome } from '../../../src/refund/outcome.ts'
import { ACCEPTED, REQUEST } from '../../lianlian/sample.ts'
import { type Random, seeded } from '../../simulation/random.ts'
import { stranger } from '../gateway-keys.ts'
import { fenOf, notMoney, unclear } from '../guards.ts'
import { madeOf, otherFields, type Signed, signed } from '../mutate/message.ts'
import type { Fields, Input } from '../target.ts'
import { vouchedMessage } from '../vouched.ts'

const TAKEN: Fields = Object.entries({ ...ACCEPTED, sign_type: 'RSA' })
const REFUSED: Fields = Object.entries({
  oid_partner: REQUEST.oid_partner,
  no_refund: REQUEST.no_refund,
  money_refund: '200.01',
  sign_type: 'RSA',
  ret_code: '9093',
  ret_msg: '退款订单不存在',
})
const SHORT: Fields = Object.entries({ ret_code: '8901', ret_msg: '没有记录', sign_type: 'RSA' })

const CODES = ['0000', '1001', '1002', '2005', '4002', '5002', '5006', '5007', '8888', '8901', '9093', '9904', '9999']
const SENSIBLE: Fields = [
  ...CODES.map((code) => ['ret_code', code] as const),
  ['no_refund', 'another-number'],
  ['oid_partner', '201408071000001541'],
  ['dt_refund', '20130101000000'],
  ['money_refund', '200.1'],
  ['money_refund', '200.02'],
  ['money_refund', '2000.1'],
  ['money_refund', '0'],
  ['sta_refund', '0'],
  ['sta_refund', '2'],
  ['sta_refund', '3'],
  ['sta_refund', '23'],
  ['settle_date', '20130627'],
  ['ret_msg', 'a=1&b=2'],
  ['sign_type', 'MD5'],
]

const POOL = 200

/** Makes bodies of answers: what the gateway may have signed, and what somebody may make of it. */
export function answers(): (random: Random) => Input {
  const drawn = seeded(11)
  const make = (random: Random): Signed => {
    let fields = random.pick([TAKEN, TAKEN, REFUSED, SHORT])
    for (let times = random.between(0, 2); times > 0; times--) fields = otherFields(random, fields, SENSIBLE)
    return signed([...new Map(fields)])
  }
  const first = signed(TAKEN)
  const pool: readonly Signed[] = [first, ...Array.from({ length: POOL - 1 }, () => make(drawn))]
  const any = (random: Random): Signed => pool[random.between(0, POOL - 1)] ?? first
  const foreign = signed(TAKEN, stranger)
  return (random) => {
    const other = random.chance(0.1) ? foreign : any(random)
    const made = madeOf(random, any(random), { signed: other, sensible: SENSIBLE })
    return other === foreign ? { ...made, vouched: made.vouched.slice(0, 1) } : made
  }
}

/** Everything that must hold of what was concluded from an answer, whatever it was. */
export function wrongOutcome(
  outcome: SubmitOutcome | QueryOutcome,
  body: Buffer,
  vouched: Input['vouched'],
  trusting: boolean,
): string | undefined {
  if ('reason' in outcome) {
    const bad = unclear(outcome.reason, { longest: 300 })
    if (bad !== undefined) return bad
  }
  const message = vouchedMessage(body, vouched)
  const wrong = wrongSuccess(outcome, message)
  if (wrong !== undefined) return wrong
  if (outcome.kind === 'refused' && outcome.conclusive && !trusting && !message) return 'ended by an unsigned refusal'
  return 'fields' in outcome ? wrongFields(outcome.fields, message) : undefined
}

/** Success needs a signature over our number, our amount and 0000. */
function wrongSuccess(
  outcome: SubmitOutcome | QueryOutcome,
  message: ReadonlyMap<string, string> | undefined,
): string | undefined {
  if (outcome.kind !== 'accepted' && outcome.kind !== 'found') return undefined
  if (!message) return `${outcome.kind} without a signature`
  const names = message.get('oid_partner') === REQUEST.oid_partner && message.get('no_refund') === REQUEST.no_refund
  if (!names) return `${outcome.kind} from an answer to another refund`
  if (message.get('ret_code') !== '0000') return `${outcome.kind} with ret_code ${message.get('ret_code')}`
  const fen = outcome.kind === 'found' ? outcome.fen : REQUEST.fen
  const bad = notMoney(fen)
  if (bad !== undefined) return bad
  return fenOf(message.get('money_refund') ?? '') === BigInt(fen) ? undefined : `${outcome.kind} with another amount`
}

function wrongFields(fields: object, message: ReadonlyMap<string, string> | undefined): string | undefined {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string' || value.length > 200) return `${name} is no short text`
    if (!message && name !== 'ret_code' && name !== 'ret_msg') return `${name} of an unsigned answer was kept`
    if (message && name !== 'ret_msg' && message.get(name) !== value) return `${name} is not what the answer says`
  }
  return undefined
}
