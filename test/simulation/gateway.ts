import type { RefundRequest } from '../../src/refund/request.ts'
import { type Entry, GatewayBook } from './gateway-book.ts'
import type { Plan } from './plan.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'
import type { WireAnswer } from './wire-answer.ts'

export interface GatewayOptions {
  readonly timeline: Timeline
  readonly random: Random
  readonly plan: Plan
  readonly healed: () => boolean
  /** told of every refund that it takes */
  readonly onTaken: (entry: Entry) => void
  readonly tell: (line: () => string) => void
}

const KNOWN_CODES = ['1002', '9983', '2008', '1003', '2007', '4002'] as const
const REFUSALS = ['5003', '5008', '5002', '7017', '9093'] as const
const STOPS = ['1001', '1008', '1009', '1014', '5004'] as const
const NO_BALANCE = ['5006', '9104'] as const
const AMBIGUOUS = ['9999', '9990', '8901', 'X123', '2006', '1005'] as const
const AMBIGUOUS_SHORT = ['1007', '5005', '9000', '9970'] as const

const GARBLED = 'garbled'

/** The simulated gateway as a server: it answers with everything that a gateway was ever seen to answer. */
export class SimulatedGateway {
  readonly book = new GatewayBook()
  noBalanceUntil = 0
  unreachableUntil = 0
  private readonly options: GatewayOptions

  constructor(options: GatewayOptions) {
    this.options = options
  }

  private within(probability: number): boolean {
    const { random, healed } = this.options
    return !healed() && random.chance(probability)
  }

  /**
   * @param givenUpAt when the client gives up: what comes or is learned after it must be less late than the quarantine
   * @returns nothing when the answer is lost on its way
   */
  submit(request: RefundRequest, givenUpAt: number): WireAnswer | undefined {
    const { timeline, plan, tell } = this.options
    this.book.requests.push({ at: timeline.now, request, text: JSON.stringify(request) })
    if (this.book.of(request.no_refund)) {
      if (!plan.paysAgain) return this.refusedAgain(request)
      tell(() => `gateway: ${request.no_refund} AGAIN: paid again`)
      return this.taken(request, givenUpAt)
    }
    const reason = this.reasonNotToTake()
    return reason === undefined ? this.taken(request, givenUpAt) : this.unpaid(request, reason)
  }

  private refusedAgain(request: RefundRequest): WireAnswer | undefined {
    const { random, plan, tell } = this.options
    tell(() => `gateway: ${request.no_refund} again: refused`)
    if (this.within(plan.gateway.lost)) return undefined
    const ambiguous = this.within(plan.gateway.ambiguous)
    return this.signed(request, ambiguous ? random.pick([...AMBIGUOUS, '5007', '5003']) : random.pick(KNOWN_CODES))
  }

  /** The code with which a refund is not taken; a garbled answer about it has none. */
  private reasonNotToTake(): string | undefined {
    const { timeline, random, plan } = this.options
    const { gateway } = plan
    if (timeline.now < this.noBalanceUntil) return random.pick(NO_BALANCE)
    if (this.within(gateway.refuse)) return random.pick([...REFUSALS, '5007'])
    if (this.within(gateway.stop)) return random.pick(STOPS)
    if (this.within(gateway.ambiguous / 2)) return random.pick([...AMBIGUOUS, ...AMBIGUOUS_SHORT])
    return this.within(gateway.garbled / 2) ? GARBLED : undefined
  }

  private taken(request: RefundRequest, givenUpAt: number): WireAnswer | undefined {
    const { timeline, random, plan } = this.options
    const { gateway } = plan
    const short = this.within(gateway.ambiguous / 4)
    const left = plan.lateMs - Math.max(0, timeline.now - givenUpAt)
    const lateness = short ? Math.min(left, plan.lateAfterShortMs) : left
    const entry = this.take(request, this.within(gateway.hidden) ? Math.max(0, lateness) : 0)
    if (short) return this.signed(request, random.pick(AMBIGUOUS_SHORT))
    if (this.within(gateway.lost)) return undefined
    if (this.within(gateway.ambiguous / 2)) return this.signed(request, random.pick(AMBIGUOUS))
    if (this.within(gateway.garbled / 2)) return this.garbled(request, 'taken')
    const sta_refund =
      timeline.now >= entry.settlesAt ? this.book.statusOf(entry, timeline.now) : random.pick(['0', '1'])
    return this.signed(request, '0000', { sta_refund, fen: request.fen })
  }

  query(request: RefundRequest): WireAnswer | undefined {
    const { timeline, random, plan } = this.options
    const { gateway } = plan
    if (this.within(gateway.lost)) return undefined
    if (this.within(gateway.ambiguous)) return this.signed(request, random.pick(['9999', '9000', '1003', 'X123']))
    if (this.within(gateway.stop / 4)) return this.signed(request, '1008')
    if (this.within(gateway.garbled)) return this.garbled(request, 'asked')
    const entry = this.book.of(request.no_refund)
    if (this.within(gateway.lying / 4)) {
      const untrue = entry?.moves && timeline.now >= entry.settlesAt ? '3' : '2'
      return this.signed(request, '0000', { sta_refund: untrue, fen: request.fen + 1 })
    }
    if (!entry || timeline.now < entry.visibleFrom) return this.signed(request, random.pick(['8901', '8901', '5002']))
    return this.signed(request, '0000', { sta_refund: this.book.statusOf(entry, timeline.now), fen: entry.fen })
  }

  /** Takes a refund: the money will move, or come back as `3`. */
  take(request: Pick<RefundRequest, 'no_refund' | 'fen' | 'dt_refund'>, hiddenForMs: number, foreign = false): Entry {
    const { timeline, random, plan, tell, onTaken } = this.options
    const { no_refund, fen, dt_refund } = request
    const hidden = random.chance(0.5) ? hiddenForMs : random.between(0, hiddenForMs)
    const visibleFrom = timeline.now + hidden
    const entry: Entry = {
      no_refund,
      fen,
      dt_refund,
      at: timeline.now,
      visibleFrom,
      settlesAt: random.chance(0.3) ? timeline.now : timeline.now + random.between(100, 120_000),
      moves: !this.within(plan.gateway.failsLater),
      foreign,
    }
    this.book.entries.push(entry)
    tell(() => {
      const becomes = `${entry.moves ? 'pays' : 'fails'} in ${entry.settlesAt - timeline.now} ms`
      const denied = visibleFrom > timeline.now ? `, denies it for ${visibleFrom - timeline.now} ms` : ''
      return `gateway: took ${no_refund}, ${fen} fen; ${becomes}${denied}`
    })
    onTaken(entry)
    return entry
  }

  private unpaid(request: RefundRequest, code: string): WireAnswer | undefined {
    if (code === GARBLED) return this.garbled(request, 'not taken')
    this.options.tell(() => `gateway: did not take ${request.no_refund}: ${code}`)
    if (this.within(this.options.plan.gateway.lost)) return undefined
    const unsigned = this.within(0.2)
    return unsigned ? { signature: 'missing', ret_code: code } : this.signed(request, code)
  }

  private signed(request: RefundRequest, ret_code: string, more: Partial<WireAnswer> = {}): WireAnswer {
    return { signature: 'valid', ret_code, no_refund: request.no_refund, ...more }
  }

  /** Something on the way, or at the gateway, mixes up what was said; what is said so is not vouched for. */
  private garbled(request: RefundRequest, what: string): WireAnswer {
    const { random, tell, timeline } = this.options
    const entry = this.book.of(request.no_refund)
    const untrue = entry?.moves && timeline.now >= entry.settlesAt ? '3' : '2'
    const other = this.book.entries.find(({ no_refund }) => no_refund !== request.no_refund)?.no_refund ?? 'stranger'
    const said = { ret_code: '0000', sta_refund: untrue, fen: request.fen } as const
    const kind = random.pick(['500', 'wrong signature', 'no signature', 'other refund'])
    tell(() => `gateway: ${request.no_refund} ${what}, the answer is garbled: ${kind}`)
    switch (kind) {
      case '500':
        return { signature: 'missing', ret_code: '', unreadable: true }
      case 'wrong signature':
        return { ...said, signature: 'wrong', no_refund: request.no_refund }
      case 'no signature':
        return { ...said, signature: 'missing', no_refund: request.no_refund }
      default:
        return { ...said, signature: 'valid', no_refund: other }
    }
  }
}
