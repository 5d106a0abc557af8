import type { Redis } from 'ioredis'
import type { Outgoing } from '../../src/flows/publish.ts'
import type { Admission, GatePolicy } from '../../src/ledger/gate.ts'
import { createLedger } from '../../src/ledger/ledger.ts'
import type { Counts } from '../../src/refund/counts.ts'
import type { RefundIdentity } from '../../src/refund/job-data.ts'
import type { LimitBreach, Notice, Observation, Permit } from '../../src/refund/observation.ts'
import type { Policy } from '../../src/refund/policy.ts'
import type { RefundRecord } from '../../src/refund/record.ts'
import type { Snapshot } from '../../src/refund/snapshot.ts'
import { transition } from '../../src/refund/transition.ts'
import { contents } from '../ledger/contents.ts'
import { recording } from '../ledger/recording.ts'
import { nameOf } from './memory/commit.ts'
import { memoryContents, shapedContents } from './memory/contents.ts'
import type { Call } from './memory/gate.ts'
import { MemoryLedger } from './memory/ledger.ts'
import { onVirtualTime, setVirtualTime } from './virtual-time.ts'

/** Something that the two did differently. */
export interface Difference {
  readonly what: string
  readonly real: unknown
  readonly memory: unknown
}

interface Seeing {
  readonly stale?: boolean
  readonly meanwhile?: () => Promise<unknown>
  readonly guess?: number
}

/** The memory ledger beside the real one: everything is done to both, and every reply is compared. */
export class BothLedgers {
  readonly differences: Difference[] = []
  readonly policy: Policy
  now: number
  private readonly redis: Redis
  private readonly prefix: string
  private readonly clockKey: string
  private readonly real: ReturnType<typeof createLedger>
  private readonly memory: MemoryLedger
  private readonly commits = recording()
  private lastCommand: Parameters<MemoryLedger['commit']>[0] | undefined
  private readonly earlier = new Map<string, RefundRecord[]>()
  private taken: [Outgoing[], Outgoing[]] = [[], []]

  constructor(
    redis: Redis,
    prefix: string,
    { policy, gate, start }: { policy: Policy; gate: GatePolicy; start: number },
  ) {
    this.redis = redis
    this.prefix = prefix
    this.clockKey = `${prefix}-clock`
    this.policy = policy
    this.now = start
    this.real = createLedger(this.commits.through(onVirtualTime(redis, this.clockKey)), {
      prefix,
      policy,
      gate,
      retentionDays: 400,
      waitReplicas: 0,
      onUnreadable: (error) => this.differences.push({ what: 'unreadable', real: String(error), memory: undefined }),
    })
    this.memory = new MemoryLedger({ policy, gate, now: () => this.now })
  }

  async open(): Promise<void> {
    await setVirtualTime(this.redis, this.clockKey, this.now)
    await this.outbox('a').open()
  }

  async advance(ms: number): Promise<void> {
    this.now += ms
    await setVirtualTime(this.redis, this.clockKey, this.now)
  }

  async safeStart(before: number): Promise<void> {
    await this.redis.set(`${this.prefix}:safe-start`, before)
    this.memory.store.safeStart = before
  }

  async read(id: RefundIdentity): Promise<Snapshot> {
    const real = await this.real.read(id)
    this.compare('read', real, this.memory.read(id))
    return real
  }

  /**
   * Sees something of a refund and writes the decision: from the record as it stands, or from an older one of it.
   *
   * @param meanwhile done between the reading and the writing
   * @param guess nothing is read: the number is taken for new, by a clock that is so many ms ahead
   */
  async see(
    id: RefundIdentity,
    observe: (snapshot: Snapshot) => Observation,
    { stale = false, meanwhile, guess }: Seeing = {},
  ): Promise<string> {
    const current = await this.read(id)
    const old = stale ? this.earlier.get(nameOf(id))?.at(-2) : undefined
    const read: Snapshot = old ? { now: this.now, record: old } : current
    const guessed = guess !== undefined
    const snapshot: Snapshot = guessed ? { now: this.now + guess, open: true, guessed } : read
    const breaches: LimitBreach[] = []
    await meanwhile?.()
    for (let tries = 0; tries < 5; tries++) {
      const observed = observe(snapshot)
      const asked = observed.type === 'job' || observed.type === 'look' || observed.type === 'query'
      const observation: Observation = asked ? { ...observed, breaches: [...breaches] } : observed
      const decision = transition(snapshot.record, observation, this.policy, { now: snapshot.now, random: 0.5 })
      if (decision.kind !== 'commit') return decision.kind
      const extras = {
        early: snapshot.unmatched !== undefined,
        breaches: [...breaches],
        guessed,
        counts: { [`seen:${observation.type}`]: 1, 'time:seen': 2 },
      }
      const result = await this.real.commit(snapshot.record, decision, extras)
      // also of one that was refused: sent again, it may be let through
      const token = this.commits.lastToken()
      const command = { before: snapshot.record, decision, token, ...extras }
      this.lastCommand = command
      this.compare(`commit after ${observation.type}`, result, this.memory.commit(command))
      if (result.kind === 'done') {
        const known = this.earlier.get(nameOf(id)) ?? []
        this.earlier.set(nameOf(id), [...known, { ...decision.record, version: result.version, token }])
      }
      if (result.kind !== 'breach') return result.kind
      breaches.push(result.breach)
    }
    return 'breach'
  }

  /** The last commit once more, as a client sends it that missed the reply. */
  async resend(): Promise<void> {
    if (!this.lastCommand) return
    const reply = await this.commits.resendCommit()
    const again = this.memory.commit(this.lastCommand)
    const detail = again.kind === 'done' ? [again.version, this.now] : Object.values(again).slice(1)
    this.compare('the same commit again', reply, [again.kind, ...detail])
  }

  async admit(id: RefundIdentity, call: Call): Promise<Admission> {
    const real = await this.real.admit(id, call)
    this.compare(`admit ${call}`, real, this.memory.admit(id, call))
    return real
  }

  async permit(id: RefundIdentity, call: Call): Promise<Permit> {
    const admission = await this.admit(id, call)
    if (!admission.go) return { blocked: { until: admission.until, reason: admission.reason } }
    return { claim: { token: 'token-1', deadline: admission.now + 33_000 } }
  }

  async report(id: RefundIdentity, what: Parameters<MemoryLedger['report']>[1]): Promise<void> {
    await this.real.report(id, what)
    this.memory.report(id, what)
  }

  async keepUnmatched(id: RefundIdentity, notice: Notice): Promise<string> {
    const real = await this.real.keepUnmatched(id, notice)
    this.compare('keepUnmatched', real, this.memory.keepUnmatched(id, notice))
    return real
  }

  async takeDue(limit: number, leaseMs: number): Promise<void> {
    this.compare('takeDue', await this.real.takeDue(limit, leaseMs), this.memory.takeDue(limit, leaseMs))
  }

  async retire(keepMs: number, limit: number): Promise<void> {
    this.compare('retire', await this.real.retire(keepMs, limit), this.memory.retire(keepMs, limit))
  }

  async count(counts: Counts): Promise<void> {
    await this.real.count(counts)
    this.memory.count(counts)
  }

  /** The emergency brake of a merchant, or of the fleet. */
  async stop(oid_partner: string | undefined): Promise<void> {
    const order = { by: 'op', at: this.now, reason: 'test' }
    await this.real.stop(oid_partner, order)
    const { store } = this.memory
    if (oid_partner === undefined) store.stopped = true
    else store.gates.set(oid_partner, { ...store.gates.get(oid_partner), stopped: 'stopped' })
  }

  async resume(oid_partner: string | undefined): Promise<void> {
    await this.real.resume(oid_partner)
    const { store } = this.memory
    if (oid_partner === undefined) store.stopped = false
    else {
      const { stopped: _stopped, ...gate } = store.gates.get(oid_partner) ?? {}
      store.gates.set(oid_partner, gate)
    }
  }

  async publish(publisher: string, how: 'next' | 'abandoned' | 'too soon' | 'done', limit: number): Promise<void> {
    const outbox = this.outbox(publisher)
    if (how === 'done') {
      const [real, memory] = this.taken
      await outbox.done(real)
      this.memory.done(memory)
      this.taken = [[], []]
      return
    }
    const idle = how === 'abandoned' ? 0 : 1_000_000_000_000
    const real = how === 'next' ? await outbox.next(limit, 1) : await outbox.abandoned(limit, idle)
    const memory = how === 'next' ? this.memory.next(publisher, limit) : this.memory.abandoned(publisher, limit, idle)
    const events = (taken: readonly Outgoing[]) => taken.map(({ event }) => event)
    this.compare(`outbox ${how}`, events(real), events(memory))
    this.taken = [real, memory]
  }

  async compareContents(): Promise<void> {
    const real = shapedContents(await contents({ redis: this.redis, prefix: this.prefix }))
    const { 'safe-start': _safeStart, ...rest } = real
    const memory = memoryContents(this.memory.store)
    for (const key of new Set([...Object.keys(rest), ...Object.keys(memory)])) {
      this.compare(key, rest[key], memory[key])
    }
  }

  private outbox(publisher: string): ReturnType<BothLedgers['real']['outboxOf']> {
    return this.real.outboxOf(publisher, this.redis)
  }

  private compare(what: string, real: unknown, memory: unknown): void {
    const same = JSON.stringify(sorted(real)) === JSON.stringify(sorted(memory))
    if (!same) this.differences.push({ what, real, memory })
  }
}

/** The fields of objects in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field)]),
  )
}
