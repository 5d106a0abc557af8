import { receiveNotice } from '../../src/flows/notice.ts'
import type { Notice } from '../../src/refund/observation.ts'
import { PARTNER } from '../refund/builders.ts'
import type { Fleet } from './fleet.ts'
import { flowEngine } from './flow.ts'
import type { Entry } from './gateway-book.ts'
import type { WorkerProcess } from './worker-process.ts'
import type { World } from './world.ts'

export interface Letter {
  readonly no_refund: string
  readonly notice: Notice
  readonly signed: boolean
}

const REPEATS = 6
const REPEAT_MS = 20_000
const PATIENCE_MS = 4500

export function noticeOf(entry: Entry, sta_refund: string, changed: Partial<Notice> = {}): Letter {
  const { no_refund, fen, dt_refund } = entry
  return { no_refund, signed: true, notice: { fen, dt_refund, fields: { sta_refund }, ...changed } }
}

/** The gateway's postman: tells what became of a refund, and much that it should not. */
export class Notifier {
  private readonly world: World
  private readonly fleet: () => Fleet
  /** letters that somebody still tries to deliver */
  pending = 0

  constructor(world: World, fleet: () => Fleet) {
    this.world = world
    this.fleet = fleet
  }

  /** Plans what is told about a refund that the gateway took. */
  taken(entry: Entry): void {
    const { random, plan, timeline, gateway, healed } = this.world
    const { notices, lying } = plan.gateway
    const within = (probability: number): boolean => !healed() && random.chance(probability)
    const settles = entry.settlesAt - timeline.now
    const outcome = entry.moves ? '2' : '3'
    const wrong = entry.moves ? '3' : '2'
    const soon = (): number => random.between(0, 3000)
    if (within(notices)) this.send(soon(), noticeOf(entry, random.pick(['0', '1'])))
    if (!within(notices)) {
      const delay = within(notices) ? random.between(0, 600_000) : soon()
      this.send(settles + delay, noticeOf(entry, outcome))
    }
    for (let again = 0; again < 3; again++)
      if (within(notices)) this.send(settles + 10 * soon(), noticeOf(entry, outcome))
    if (within(notices)) this.send(random.between(0, 2 * settles + 1000), { ...noticeOf(entry, wrong), signed: false })
    if (within(lying)) this.send(random.between(0, 2 * settles + 1000), noticeOf(entry, wrong, { fen: entry.fen + 7 }))
    if (within(lying)) this.send(soon(), noticeOf(entry, outcome, { dt_refund: '20200101000000' }))
    if (within(notices)) this.send(soon(), { no_refund: entry.no_refund, signed: true, notice: { fields: {} } })
    if (within(lying / 2)) {
      gateway.book.liedAbout.add(entry.no_refund)
      this.send(settles + soon(), noticeOf(entry, wrong))
    }
  }

  send(delayMs: number, letter: Letter, repeats = 0): void {
    const { timeline, random, tell } = this.world
    this.pending += 1
    timeline.after(Math.max(0, delayMs), () => {
      const [first, ...others] = this.fleet().processes
      let open = true
      const close = (acknowledged: boolean): void => {
        if (!open) return
        open = false
        this.pending -= 1
        if (!acknowledged && repeats < REPEATS) this.send(REPEAT_MS, letter, repeats + 1)
      }
      timeline.after(PATIENCE_MS, () => close(false))
      if (!first) {
        close(false)
        return
      }
      const process = random.pick([first, ...others])
      tell(() => `gateway: notifies ${process.name}: ${describe(letter)}`)
      process.within(() => {
        this.receive(process, letter).then(
          () => timeline.after(random.between(0, 5), () => close(true)),
          // not stored: the gateway sends it again
          () => close(false),
        )
      })
    })
  }

  /** The receiver: nothing that is not signed is believed, and nothing that is not stored is acknowledged. */
  private async receive(process: WorkerProcess, { no_refund, notice, signed }: Letter): Promise<void> {
    const { world } = this
    if (!signed && world.without !== 'notification_signature') return
    const id = { oid_partner: PARTNER, no_refund }
    const plain = flowEngine(world, process)
    const believed = await process.careless.notice(plain.ledger, id, notice)
    await receiveNotice(flowEngine(world, process, { type: 'notice', notice: believed }), id, believed)
  }
}

function describe({ no_refund, notice, signed }: Letter): string {
  const { fen, dt_refund, fields } = notice
  const said = `sta_refund ${fields.sta_refund ?? 'none'}, ${fen ?? 'no'} fen, dt_refund ${dt_refund ?? 'none'}`
  return `${no_refund}: ${said}${signed ? '' : ' (forged)'}`
}
