import type { Outgoing } from '../../../src/flows/publish.ts'
import type { Taken } from '../../../src/ledger/due.ts'
import type { Admission, CallReport, GatePolicy } from '../../../src/ledger/gate.ts'
import type { Counts } from '../../../src/refund/counts.ts'
import type { RefundIdentity } from '../../../src/refund/job-data.ts'
import type { Notice } from '../../../src/refund/observation.ts'
import type { Policy } from '../../../src/refund/policy.ts'
import type { CommitResult, Snapshot } from '../../../src/refund/snapshot.ts'
import { applyCommit, type CommitCommand, nameOf } from './commit.ts'
import * as dues from './due.ts'
import * as gates from './gate.ts'
import * as outboxes from './outbox.ts'
import { count, decoded, Store } from './store.ts'

export interface MemoryLedgerOptions {
  readonly policy: Policy
  readonly gate: GatePolicy
  /** what Redis TIME would say, epoch ms */
  readonly now: () => number
}

/** An `entries` of a notice that is longer than this has enough for a person to see. */
const ENTRIES_LENGTH = 400

/**
 * The ledger without Redis: every command is one step that is done at once. Its rules are written anew here, from what
 * the scripts of `src/ledger` promise; `conformance.test.ts` holds the two against each other.
 */
export class MemoryLedger {
  readonly store: Store
  private readonly options: MemoryLedgerOptions

  constructor(options: MemoryLedgerOptions) {
    this.options = options
    this.store = new Store(options.now)
  }

  guess({ oid_partner }: RefundIdentity): Snapshot | undefined {
    const { rateOf, configured } = this.options.gate
    const unlimited = rateOf(oid_partner) === undefined && (!configured || configured.has(oid_partner))
    return unlimited ? { now: this.store.now(), open: true, guessed: true } : undefined
  }

  read(id: RefundIdentity): Snapshot {
    const { store } = this
    const stored = store.records.get(nameOf(id))
    const early = store.early.get(nameOf(id))
    const { safeStart } = store
    const { rateOf, configured = new Map([[id.oid_partner, true]]) } = this.options.gate
    const isQuiet = !store.stopped && Object.keys(store.gates.get(id.oid_partner) ?? {}).length === 0
    const open = isQuiet && rateOf(id.oid_partner) === undefined && configured.has(id.oid_partner)
    return {
      now: store.now(),
      ...(stored && 'data' in stored && { record: decoded(stored) }),
      ...(stored && 'tombstone' in stored && { tombstone: { content: stored.tombstone } }),
      ...(early && { unmatched: early.dt_refund === '' ? {} : { dt_refund: early.dt_refund } }),
      ...(safeStart !== undefined && { safeStart }),
      ...(open && { open }),
    }
  }

  commit(command: CommitCommand): CommitResult {
    return applyCommit(this.store, this.options.policy, command)
  }

  admit(id: RefundIdentity, call: gates.Call): Admission {
    return gates.admit(this.store, this.options.gate, id, call)
  }

  report(id: RefundIdentity, report: CallReport): void {
    gates.report(this.store, this.options.gate, id, report)
  }

  keepUnmatched(id: RefundIdentity, notice: Notice): 'kept' | 'known' | 'matched' {
    const { store } = this
    const name = nameOf(id)
    const stored = store.records.get(name)
    if (stored && 'data' in stored) return 'matched'
    const text = JSON.stringify({ ...id, ...notice })
    const kept = store.early.get(name)
    if (kept && (kept.notice === text || kept.entries.length > ENTRIES_LENGTH)) return 'known'
    const entry = store.nextEntry()
    store.unmatched.set(entry, text)
    store.early.set(name, {
      notice: text,
      entries: `${kept?.entries ?? ''}${entry} `,
      dt_refund: notice.dt_refund ?? kept?.dt_refund ?? '',
    })
    return 'kept'
  }

  takeDue(limit: number, leaseMs: number): Taken {
    return dues.takeDue(this.store, this.options.gate, limit, leaseMs)
  }

  retire(keepMs: number, limit: number): number {
    return dues.retire(this.store, keepMs, limit)
  }

  count(counts: Counts): void {
    count(this.store, counts)
  }

  /** An event that comes by itself, not with a commit. */
  append(event: string): void {
    this.store.outbox.set(this.store.nextEntry(), event)
  }

  next(publisher: string, limit: number): Outgoing[] {
    return outboxes.next(this.store, publisher, limit)
  }

  abandoned(publisher: string, limit: number, idleMs: number): Outgoing[] {
    return outboxes.abandoned(this.store, publisher, limit, idleMs)
  }

  done(published: readonly Outgoing[]): void {
    outboxes.done(this.store, published)
  }
}
