import { decide } from '../../src/flows/decide.ts'
import type { ObservationOf } from '../../src/refund/observation.ts'
import { PARTNER } from '../refund/builders.ts'
import { flowEngine } from './flow.ts'
import { WorkerProcess } from './worker-process.ts'
import type { World } from './world.ts'

type Words = ObservationOf<'hold' | 'release' | 'requery' | 'cancel' | 'resolve'>
const BY = { by: 'ann', reason: 'a ticket' } as const

/** A person who holds, releases and resolves, at moments that suit nobody; what it resolves, it resolves as the book says. */
export class Operator {
  /** refunds that it let go */
  readonly released = new Set<string>()
  private readonly world: World
  private readonly process: WorkerProcess

  constructor(world: World) {
    this.world = world
    this.process = new WorkerProcess(world.timeline, 'operator', { wallAhead: 0, sweeps: false, without: undefined })
  }

  /** Says something about some refund, again and again until the faults end. */
  begin(numbers: readonly string[]): void {
    const { timeline, random, healed, plan } = this.world
    timeline.after(random.between(0, plan.healsAfterMs / 3), () => {
      if (healed()) return
      const [first = 'none', ...others] = numbers
      const no_refund = random.pick([first, ...others])
      const type = random.pick<Words['type']>(['hold', 'release', 'release', 'requery', 'cancel', 'resolve'])
      void this.say(no_refund, type === 'resolve' ? this.resolved(no_refund) : { type, ...BY })
      this.begin(numbers)
    })
  }

  /** Lets go every refund that is held. */
  releaseAll(): void {
    const { ledger } = this.world
    const held = new Set<string>()
    for (const name of ledger.store.indexes.get('held')?.keys() ?? []) held.add(name)
    for (const name of held) void this.say(name.slice(PARTNER.length + 1), { type: 'release', ...BY })
  }

  private resolved(no_refund: string): Words | undefined {
    const { gateway, timeline } = this.world
    const entry = gateway.book.of(no_refund)
    if (!entry || timeline.now < entry.settlesAt) return undefined
    return { type: 'resolve', by: 'ann', outcome: entry.moves ? 'succeeded' : 'failed', evidence: 'the book' }
  }

  private async say(no_refund: string, words: Words | undefined): Promise<void> {
    if (!words) return
    if (words.type === 'release') this.released.add(no_refund)
    const engine = flowEngine(this.world, this.process, words)
    try {
      await decide(engine, { oid_partner: PARTNER, no_refund }, () => words)
    } catch {
      // Redis did not take it: a person tries again, or not
    }
  }
}
