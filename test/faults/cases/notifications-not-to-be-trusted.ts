import { gatewayTime } from '../../../src/refund/gateway-time.ts'
import type { NotifyFault, Script } from '../../../src/simulator/faults.ts'
import { type Fields, notification, post } from '../../e2e/notification.ts'
import { merchantKeys, PARTNER } from '../../e2e/settings.ts'
import { eventually } from '../../support/eventually.ts'
import { dealt, PATIENT } from '../dealt.ts'
import type { FaultCase } from '../fault-case.ts'
import type { Stage } from '../stage.ts'

const NOTIFIED: readonly (readonly NotifyFault[])[] = [
  ['doubled'],
  ['times_30'],
  ['reordered'],
  ['contradictory'],
  ['forged'],
  ['forged', 'first_lost'],
  ['forged', 'times_30', 'reordered', 'contradictory'],
  ['early'],
  ['early', 'forged', 'doubled'],
  ['wrong_amount'],
  ['without_amount'],
  ['without_amount', 'forged', { late: 500 }],
  ['lost'],
]

const KINDS: readonly Script[] = NOTIFIED.flatMap((notify): Script[] => [
  { notify },
  { notify, final: '3' },
  // nothing but the notification and the queries tell
  { notify, submit: ['accept_then_timeout'] },
  { notify, submit: ['accept_then_drop'], final: '3' },
])

const PATIENCE = { timeoutMs: 60_000 } as const

/** The gateway forgets these submits, so that nothing is paid while false notifications come. */
const FORGOTTEN: Script = { submit: ['timeout', 'timeout'] }

export const notificationsNotToBeTrusted: FaultCase = {
  number: 24,
  title:
    'notifications doubled, reordered, contradictory, forged, before the submit answer, for unknown numbers, ' +
    'thirty repeats at once',
  async play(open) {
    const kinds = dealt(KINDS)
    const stage = await open({
      // time for a notification to come before the query
      settings: { ...PATIENT, QUERY_DELAYS_MS: '3000,500' },
      simulator: { scriptFor: (no_refund) => (no_refund.startsWith('F') ? FORGOTTEN : kinds(no_refund)) },
    })
    const working = { roles: ['submit', 'query', 'publish'] } as const
    const [receiver] = await Promise.all([
      stage.start({ roles: ['receive'], stopAt: ['after_settled'] }),
      stage.start(working),
      stage.start(working),
    ])
    const numbers = [...(await stage.addMany(KINDS.length))]
    await receiver.reached('after_settled')
    await receiver.kill()
    await refusedMore(stage)
    await stage.start({ roles: ['receive'] })

    await Promise.all([
      stage.addMany(KINDS.length, 'S').then((more) => numbers.push(...more)),
      falseWords(stage).then((more) => numbers.push(...more)),
      unknownNumbers(stage).then((more) => numbers.push(...more)),
    ])
    await stage.completed(numbers)
    await stage.simulator.idle(90_000)
    // behind whatever the last notifications may have set off
    await stage.completed(await stage.addMany(1, 'Z'))
    if (stage.simulator.summary().notifications.forged_acknowledged > 0) throw new Error('a forgery was acknowledged')
  },
}

async function refusedMore({ simulator }: Stage): Promise<void> {
  const before = simulator.summary().notifications.refused
  await eventually(() => simulator.summary().notifications.refused > before, PATIENCE)
}

/** What may be told of a refund that the gateway does not have. */
async function falseWords(stage: Stage): Promise<readonly string[]> {
  const { simulator, notifyUrl } = stage
  /** who tells, and whether they are to be believed so far that the refund waits for a person */
  const words: readonly { readonly tell: (paid: Fields) => Promise<unknown>; readonly stops?: true }[] = [
    { tell: (paid) => simulator.sendNotification(notifyUrl, paid, true) },
    { tell: (paid) => post(notifyUrl, notification(paid, merchantKeys.privateKey)) },
    { tell: (paid) => post(notifyUrl, JSON.stringify({ ...paid, sign_type: 'RSA' })) },
    { tell: (paid) => post(notifyUrl, ofAnother(paid)) },
    { tell: (paid) => simulator.sendNotification(notifyUrl, { ...paid, money_refund: '' }) },
    { tell: (paid) => simulator.sendNotification(notifyUrl, { ...paid, sta_refund: '' }) },
    { tell: (paid) => simulator.sendNotification(notifyUrl, { ...paid, money_refund: '100.00' }), stops: true },
    { tell: (paid) => simulator.sendNotification(notifyUrl, { ...paid, money_refund: '0.99' }), stops: true },
    { tell: (paid) => simulator.sendNotification(notifyUrl, { ...paid, dt_refund: '20130515094018' }), stops: true },
  ]
  const numbers = await stage.addMany(words.length * 4, 'F')
  const told = numbers.map(async (no_refund, index) => {
    const request = await eventually(
      () => simulator.requests.find(({ fields }) => fields.no_refund === no_refund) ?? false,
      PATIENCE,
    )
    const { dt_refund = '', money_refund = '' } = request.fields
    const word = words[index % words.length]
    if (word?.stops) stage.mayBeHeld(no_refund)
    await word?.tell({ oid_partner: PARTNER, no_refund, dt_refund, money_refund, oid_refundno: '1', sta_refund: '2' })
    return word?.stops ? [] : [no_refund]
  })
  return (await Promise.all(told)).flat()
}

/** The gateway's true word about another refund, with this one's number written over it. */
function ofAnother(paid: Fields): string {
  const other = notification({ ...paid, no_refund: 'another' })
  return other.replace('"another"', JSON.stringify(paid.no_refund))
}

/** Told before anybody asked for them; then somebody does. */
async function unknownNumbers(stage: Stage): Promise<readonly string[]> {
  const { simulator, notifyUrl } = stage
  const dt_refund = gatewayTime(Date.now())
  const refund = (no_refund: string) => ({ oid_partner: PARTNER, no_refund, dt_refund, money_refund: '1.00' })
  const unheard = ['U0', 'U1', 'U2', 'U3']
  for (const no_refund of unheard) {
    // on a loaded machine an acknowledgement may come too late, and the gateway repeats it
    await eventually(() => simulator.sendNotification(notifyUrl, { ...refund(no_refund), sta_refund: '2' }), PATIENCE)
  }
  const [nobodys = ''] = unheard
  stage.mayBeHeld(nobodys)
  await stage.add(nobodys)

  // a ledger that was lost: the gateway has paid these, and its notifications come before the jobs
  const paid = ['P0', 'P1', 'P2', 'P3']
  for (const no_refund of paid) {
    const submit = { ...refund(no_refund), no_order: `order-${no_refund}`, notify_url: notifyUrl }
    await post(`${simulator.url}/refund.htm`, notification(submit, merchantKeys.privateKey), {
      'content-type': 'application/json',
    })
  }
  await eventually(
    () => paid.every((no_refund) => simulator.book.some((entry) => entry.no_refund === no_refund)),
    PATIENCE,
  )
  await simulator.sendNotification(notifyUrl, { ...refund('P0'), sta_refund: '2' })
  for (const no_refund of paid) await stage.add(no_refund)
  return paid
}
