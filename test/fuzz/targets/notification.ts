import type { PublicKey } from '../../../src/lianlian/keys.ts'
import { type NotificationReading, readNotification } from '../../../src/lianlian/notification.ts'
import { PARTNER } from '../../refund/builders.ts'
import { gateway } from '../gateway-keys.ts'
import { fenOf, notMoney, unclear } from '../guards.ts'
import { type Input, type Target, tally } from '../target.ts'
import { vouchedMessage } from '../vouched.ts'
import { notices, OTHER_PARTNER } from './notices.ts'

export type ReadNotification = (
  body: Uint8Array,
  keysOf: (oid_partner: string) => readonly PublicKey[] | undefined,
) => NotificationReading

export const keysOf = (oid_partner: string): readonly PublicKey[] | undefined =>
  oid_partner === PARTNER || oid_partner === OTHER_PARTNER ? gateway.publicKeys : undefined

/** So many inputs are read once for each that is read twice, to see that it reads the same. */
const TWICE = 8

/** The receiver's reading of a body. */
export function notificationTarget(read: ReadNotification = readNotification): Target {
  const counts = new Map<string, number>()
  return {
    name: 'notification',
    share: 10,
    slowMs: 100,
    counts,
    make: notices(),
    check(input) {
      const reading = read(input.bytes, keysOf)
      tally(counts, reading.kind)
      if (reading.kind === 'forged' && reading.reason === 'bad signature')
        tally(counts, 'forged, and only the signature tells')
      const again = input.bytes.length % TWICE === 0 ? read(input.bytes, keysOf) : reading
      return wrongReading(input, reading) ?? changing(reading, again)
    },
  }
}

/** The reasons say nothing of what was received, so that nobody writes into our log. */
const REASON = /^[A-Za-z0-9_ -]+$/

function wrongReading({ bytes, vouched, note }: Input, reading: NotificationReading): string | undefined {
  if (reading.kind !== 'verified') {
    if (note === 'intact' && reading.reason !== 'no usable no_refund' && keysOf(partnerOf(vouched)) !== undefined) {
      return expected(vouched) ? `a true message was refused: ${reading.reason}` : undefined
    }
    return unclear(reading.reason, { longest: 100, subject: REASON })
  }
  const message = vouchedMessage(bytes, vouched)
  if (!message) return 'a forgery was accepted'
  const { id, notice } = reading
  if (id.oid_partner !== message.get('oid_partner') || id.no_refund !== message.get('no_refund')) {
    return 'it is about another refund than its message'
  }
  const { fen } = notice
  if (fen !== undefined) {
    const bad =
      notMoney(fen) ?? (fenOf(message.get('money_refund') ?? '') === BigInt(fen) ? undefined : 'another amount')
    if (bad !== undefined) return bad
  }
  if (notice.dt_refund !== undefined && notice.dt_refund !== message.get('dt_refund')) return 'another time'
  const strange = Object.entries(notice.fields).find(
    ([name, value]) => (name !== 'ret_msg' && message.get(name) !== value) || value.length > 200,
  )
  return strange ? `a field that the message does not have: ${strange[0]}` : undefined
}

function changing(first: NotificationReading, second: NotificationReading): string | undefined {
  return JSON.stringify(first) === JSON.stringify(second) ? undefined : 'it reads differently the second time'
}

function partnerOf([fields = []]: Input['vouched']): string {
  return fields.find(([name]) => name === 'oid_partner')?.[1] ?? ''
}

/** Reads as further fields: one signature would fit several messages, and none of them need be taken. */
export const FURTHER_FIELD = /&[^&]*=/

/** Whether the gateway's own form was kept: what else is signed may be refused. */
function expected([fields = []]: Input['vouched']): boolean {
  const rsa = fields.some(([name, value]) => name === 'sign_type' && value === 'RSA')
  const plain = (text: string): boolean => text.isWellFormed() && !FURTHER_FIELD.test(text)
  return rsa && fields.every(([name, value]) => /^[a-z0-9_]+$/.test(name) && plain(value))
}
