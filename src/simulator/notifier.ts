/** Notifies merchants of final refunds, repeats until acknowledged, and plays the faults on that way. */
import type { KeyObject } from 'node:crypto'
import type { Courier } from './courier.ts'
import type { SimulatorEvent } from './events.ts'
import type { NotifyFault } from './faults.ts'
import { noticeFields, signed } from './messages.ts'
import type { Refund } from './refunds.ts'
import { otherAmount } from './reply.ts'
import type { Fields } from './signing.ts'
import type { Timers } from './timers.ts'

export interface NotificationCounts {
  /** deliveries of every kind */
  sent: number
  acknowledged: number
  /** anything but an acknowledgement in time */
  refused: number
  forged_sent: number
  /** must stay 0: a receiver believed a wrong signature */
  forged_acknowledged: number
  /** never acknowledged, repeats spent */
  given_up: number
}

export interface Notifier {
  /** Begins to notify of a final refund; resolves after the first round, whatever came of it. */
  notify(refund: Refund): Promise<void>
  /** Signs and delivers any fields once, or with a wrong signature. Whether they were acknowledged. */
  send(url: string, fields: Fields, forged?: boolean): Promise<boolean>
  readonly counts: Readonly<NotificationCounts>
  /** refunds whose notification is not yet acknowledged, lost or given up */
  readonly open: number
}

export interface NotifierOptions {
  /** asked anew for every notification */
  readonly privateKey: KeyObject
  readonly courier: Courier
  readonly timers: Timers
  readonly repeatMs: number
  readonly maxRepeats: number
  readonly onEvent: (event: SimulatorEvent) => void
}

type Message = Extract<SimulatorEvent, { event: 'notified' }>['message']

export function createNotifier(options: NotifierOptions): Notifier {
  const { courier, timers, repeatMs, maxRepeats, onEvent } = options
  const counts: NotificationCounts = {
    sent: 0,
    acknowledged: 0,
    refused: 0,
    forged_sent: 0,
    forged_acknowledged: 0,
    given_up: 0,
  }
  let open = 0

  async function deliver(url: string, message: Fields, forged: boolean): Promise<boolean> {
    counts.sent += 1
    if (forged) counts.forged_sent += 1
    const acknowledged = await courier.deliver(url, JSON.stringify(message))
    if (acknowledged) counts.acknowledged += 1
    else counts.refused += 1
    if (acknowledged && forged) counts.forged_acknowledged += 1
    return acknowledged
  }

  async function send(url: string, fields: Fields, forged = false): Promise<boolean> {
    const message = signed(fields, options.privateKey)
    return await deliver(url, forged ? { ...message, sign: otherSign(message) } : message, forged)
  }

  /** The sign of the message as if its status were another: a real signature of the gateway under a false text. */
  function otherSign(message: Fields): string {
    const { sign: _, ...fields } = message
    return signed({ ...fields, sta_refund: opposite(fields.sta_refund) }, options.privateKey).sign ?? ''
  }

  async function tell(refund: Refund, fields: Fields, message: Message): Promise<boolean> {
    const acknowledged = await send(refund.notify_url, fields, message === 'forged')
    const { oid_partner, no_refund } = refund
    onEvent({ event: 'notified', oid_partner, no_refund, sta_refund: fields.sta_refund ?? '', message, acknowledged })
    return acknowledged
  }

  /** Sends the true notification, unless lost, and its copies at once. Whether any was acknowledged. */
  async function tellTrue(refund: Refund, sta_refund: string, copies: number): Promise<boolean> {
    const fields = withFaults(noticeFields(refund, sta_refund), refund.course.notify ?? [])
    const told = Array.from({ length: copies }, async () => await tell(refund, fields, 'true'))
    return (await Promise.all(told)).includes(true)
  }

  async function round(refund: Refund, repeat: number): Promise<void> {
    const faults = refund.course.notify ?? []
    const sta_refund = refund.settled?.sta_refund ?? '2'
    const falseFields = noticeFields(refund, opposite(sta_refund))
    if (repeat === 0 && faults.includes('forged')) await tell(refund, falseFields, 'forged')
    if (!(await tellTrue(refund, sta_refund, repeat === 0 ? copiesOf(faults) : 1))) {
      if (repeat < maxRepeats) {
        timers.after(repeatMs, () => void round(refund, repeat + 1))
        return
      }
      counts.given_up += 1
    }
    if (faults.includes('reordered')) await tell(refund, noticeFields(refund, '1'), 'reordered')
    if (faults.includes('contradictory')) await tell(refund, falseFields, 'contradictory')
    open -= 1
  }

  return {
    async notify(refund) {
      const faults = refund.course.notify ?? []
      if (faults.includes('lost')) return
      open += 1
      const late = faults.find((fault) => typeof fault === 'object')
      if (late) timers.after(late.late, () => void round(refund, 0))
      else await round(refund, 0)
    },
    send,
    counts,
    get open() {
      return open
    },
  }
}

function opposite(sta_refund: string | undefined): '2' | '3' {
  return sta_refund === '2' ? '3' : '2'
}

/** How many deliveries the first round makes. */
function copiesOf(faults: readonly NotifyFault[]): number {
  if (faults.includes('first_lost')) return 0
  if (faults.includes('times_30')) return 30
  return faults.includes('doubled') ? 2 : 1
}

function withFaults(fields: Fields, faults: readonly NotifyFault[]): Fields {
  const { money_refund, ...rest } = fields
  if (faults.includes('without_amount')) return rest
  return faults.includes('wrong_amount') ? { ...fields, money_refund: otherAmount(money_refund) } : fields
}
