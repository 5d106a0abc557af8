import { randomUUID } from 'node:crypto'
import { look } from '../../src/flows/look.ts'
import type { Engine, Ledger } from '../../src/flows/ports.ts'
import { type JobResult, submitJob } from '../../src/flows/submit.ts'
import type { Policy } from '../../src/refund/policy.ts'
import { isFinal, type RefundRecord } from '../../src/refund/record.ts'
import { idOf, type LedgerSettings, silent, type TestLedger, testLedger } from '../ledger/fixture.ts'
import { DATA, defaults, EAGER, NUMBER } from '../refund/builders.ts'
import { eventually } from '../support/eventually.ts'
import { FakeGateway } from './fake-gateway.ts'

/** Looks follow each other within milliseconds, and one denied query is enough. */
const SWIFT: Policy = {
  ...EAGER,
  retry: { baseMs: 1, factor: 1, capMs: 1, jitter: 0 },
  queryDelaysMs: [1],
  holdLookMs: 1,
  graceMs: 0,
}

export interface WorldSettings extends Omit<LedgerSettings, 'policy'> {
  readonly policy?: Partial<Policy>
  readonly gatewayTimeoutMs?: number
  /** stands between the flows and the ledger */
  readonly wrap?: (ledger: Ledger) => Ledger
  /** another process on the same ledger, before the same gateway */
  readonly with?: World
}

export interface World {
  readonly at: TestLedger
  readonly gateway: FakeGateway
  readonly engine: Engine
  /** Moved by hand; started from the real ones. */
  readonly clock: { wallMs: number; monotonicMs: number }
  submit(data?: object, job?: string): Promise<JobResult>
  look(no_refund?: string, carrier?: string): Promise<RefundRecord | undefined>
  record(no_refund?: string): Promise<RefundRecord>
  /** Wakes the refund again and again until it is final. */
  settle(no_refund?: string): Promise<RefundRecord>
  /** Waits until the refund may be looked at. */
  dueTime(no_refund?: string): Promise<void>
}

export function world({
  with: other,
  wrap = (ledger) => ledger,
  gatewayTimeoutMs = 30_000,
  ...settings
}: WorldSettings = {}): World {
  const at = testLedger({
    ...settings,
    ...(other && { beside: other.at }),
    policy: { ...SWIFT, ...settings.policy },
  })
  const gateway = other?.gateway ?? new FakeGateway()
  const clock = { wallMs: 0, monotonicMs: 0 }
  const engine: Engine = {
    ledger: wrap(at.ledger),
    gatewayOf: () => gateway,
    policy: at.policy,
    gatewayTimeoutMs,
    clock: { wall: () => Date.now() + clock.wallMs, monotonic: () => performance.now() + clock.monotonicMs },
    random: () => 0.5,
    newToken: randomUUID,
    log: silent,
  }
  const record = async (no_refund: string = NUMBER): Promise<RefundRecord> => await at.record(idOf(no_refund))
  return {
    at,
    gateway,
    engine,
    clock,
    record,
    submit: async (data = {}, job = 'job-1') => {
      const timestamp = Date.now()
      return await submitJob(engine, defaults().merchants, {
        id: job,
        data: { ...DATA, ...data },
        timestamp,
        isFirst: true,
      })
    },
    look: async (no_refund = NUMBER, carrier = 'due') => (await look(engine, idOf(no_refund), carrier)).record,
    settle: async (no_refund = NUMBER) =>
      await eventually(async () => {
        const { record: stored } = await look(engine, idOf(no_refund), 'due')
        return stored !== undefined && isFinal(stored) && stored
      }),
    dueTime: async (no_refund = NUMBER) => {
      await eventually(
        async () => {
          const { now, record: stored } = await at.ledger.read(idOf(no_refund))
          return now >= (stored?.next_look ?? 0)
        },
        { intervalMs: 2 },
      )
    },
  }
}
