import { readFileSync } from 'node:fs'
import { DT, NUMBER, PARTNER } from '../../refund/builders.ts'
import { type Random, seeded } from '../../simulation/random.ts'
import { stranger } from '../gateway-keys.ts'
import { madeOf, otherFields, type Signed, signed } from '../mutate/message.ts'
import type { Fields, Input } from '../target.ts'

export const OTHER_PARTNER = '201408071000001541'

/** Values that a notification may truly have, some of them of other refunds. */
const SENSIBLE: Fields = [
  ['no_refund', 'another-number'],
  ['no_refund', 'R&1=2'],
  ['oid_partner', OTHER_PARTNER],
  ['oid_partner', '201103171000000999'],
  ['money_refund', '200.1'],
  ['money_refund', '0.01'],
  ['money_refund', '100000000.00'],
  ['dt_refund', '20130515094018'],
  ['sta_refund', '0'],
  ['sta_refund', '1'],
  ['sta_refund', '2'],
  ['sta_refund', '3'],
  ['ret_code', '0000'],
  ['ret_code', '9999'],
  ['ret_msg', '交易成功'],
  ['ret_msg', 'a=1&b=2'],
  ['settle_date', '20261122'],
  ['money_foreign_refund', '30.03'],
  ['rate_id', '1'],
  ['rate', '6.66'],
  ['exchange_bankcode', '01040000'],
  ['sign_type', 'MD5'],
  ['sign_type', 'rsa'],
]

const CORPUS: readonly Fields[] = ['notification', 'exchange-notification', 'refusing-notification'].map((name) =>
  fieldsOf(readFileSync(new URL(`../corpus/${name}.txt`, import.meta.url), 'utf8')),
)

/** Lines of `name value`, the value to the end of the line. */
function fieldsOf(corpus: string): Fields {
  return corpus
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.indexOf(' ')
      return [line.slice(0, at), line.slice(at + 1)] as const
    })
}

const SETTLED: Fields = fieldsOf(`oid_partner ${PARTNER}
sign_type RSA
no_refund ${NUMBER}
dt_refund ${DT}
money_refund 200.01
oid_refundno 2026112200000001
sta_refund 2
settle_date 20261122`)

const POOL = 200

/** Makes notifications: what the gateway may have signed, and what somebody may make of it. */
export function notices(): (random: Random) => Input {
  const drawn = seeded(7)
  const bases = [SETTLED, ...CORPUS]
  const make = (random: Random): Signed => {
    let fields = random.pick([SETTLED, ...bases])
    for (let times = random.between(0, 2); times > 0; times--) fields = otherFields(random, fields, SENSIBLE)
    return signed(unique(fields))
  }
  const pool: readonly Signed[] = Array.from({ length: POOL }, () => make(drawn))
  const first = signed(SETTLED)
  const any = (random: Random): Signed =>
    random.chance(0.01) ? make(random) : (pool[random.between(0, POOL - 1)] ?? first)
  const foreign = signed(SETTLED, stranger)
  return (random) => {
    const other = random.chance(0.1) ? foreign : any(random)
    const made = madeOf(random, any(random), { signed: other, sensible: SENSIBLE })
    return other === foreign ? { ...made, vouched: made.vouched.slice(0, 1) } : made
  }
}

/** A signed message has each name once. */
function unique(fields: Fields): Fields {
  return [...new Map(fields)]
}
