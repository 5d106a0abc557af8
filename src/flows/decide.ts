import type { Counts } from '../refund/counts.ts'
import type { Decision } from '../refund/decision.ts'
import { wakesThrough } from '../refund/due.ts'
import { RefundError } from '../refund/errors.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { LimitBreach, Observation } from '../refund/observation.ts'
import type { Policy } from '../refund/policy.ts'
import { isFinal, type RefundRecord } from '../refund/record.ts'
import type { Snapshot } from '../refund/snapshot.ts'
import { transition } from '../refund/transition.ts'
import type { Engine, Ledger, Log } from './ports.ts'

export interface DecideOptions {
  /** the BullMQ job that acts, `due` for one that only asks; decides who wakes the refund next */
  readonly carrier?: string
  /** what to count of what was decided; told with the commit, where there is one */
  readonly counts?: (decision: Decision, before: RefundRecord | undefined) => Counts | undefined
  /** what the ledger is believed to know: saves a reading where it is true, and where it is not the commit is stale */
  readonly known?: Snapshot | undefined
}

/** What deciding needs of an engine. */
export interface Deciding extends Pick<Engine, 'policy' | 'policyOf' | 'random' | 'log'> {
  readonly ledger: Pick<Ledger, 'read' | 'commit' | 'count'>
}

export interface Decided {
  readonly decision: Decision
  /** the record as it stands now */
  readonly record: RefundRecord | undefined
  readonly now: number
}

/** The carrier of a look that no job of the queue `refund` stands behind. */
export const DUE = 'due'

const MAX_TRIES = 50

/**
 * Read, decide, write; again from the start when somebody else wrote first. The one way by which anything is learned.
 *
 * @param observe what was learned, given what the ledger knows now; asked anew for every try
 */
export async function decide(
  { ledger, random, log, ...figures }: Deciding,
  id: RefundIdentity,
  observe: (snapshot: Snapshot, breaches: readonly LimitBreach[]) => Observation | Promise<Observation>,
  { carrier, counts, known }: DecideOptions = {},
): Promise<Decided> {
  const policy = policyFor(figures, id.oid_partner)
  let breaches: readonly LimitBreach[] = []
  let believed = known
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const snapshot = believed ?? (await ledger.read(id))
    believed = undefined
    const { record, now } = snapshot
    const observation = await observe(snapshot, breaches)
    const by = isBlocked(observation) ? DUE : carrier
    const decision = carriedBy(by, transition(record, observation, policy, { now, random: random() }))
    const counted = counts?.(decision, record)
    if (decision.kind !== 'commit') {
      if (snapshot.guessed) continue
      if (decision.kind === 'keep') log.debug({ ...id, observation: observation.type }, decision.note)
      if (counted) await ledger.count(counted)
      return { decision, record, now }
    }
    const result = await ledger.commit(record, decision, { ...restsOn(snapshot), breaches, counts: counted })
    if (result.kind === 'done') {
      tell(log, record, decision)
      const { version, token } = result
      return { decision, record: { ...decision.record, version, token }, now }
    }
    breaches = result.kind === 'breach' ? [...breaches, result.breach] : []
  }
  throw new RefundError('contended', `${id.no_refund}: others kept writing first, ${MAX_TRIES} times in a row`)
}

/** What a commit must find as it was when it was decided. */
function restsOn({ unmatched, guessed }: Snapshot) {
  return { early: unmatched !== undefined, guessed: guessed === true }
}

/** The figures that decide about a merchant's refunds. */
export function policyFor({ policy, policyOf }: Pick<Engine, 'policy' | 'policyOf'>, oid_partner: string): Policy {
  return policyOf?.(oid_partner) ?? policy
}

/** What the gate does not let through waits in the ledger, see `line-up.lua`: no job stands for it meanwhile. */
function isBlocked(observation: Observation): boolean {
  return 'permit' in observation && observation.permit !== undefined && 'blocked' in observation.permit
}

/** Notes in the record which job carries its retries, so that `due` gives that job time. */
function carriedBy(carrier: string | undefined, decision: Decision): Decision {
  if (decision.kind !== 'commit' || carrier === undefined || isFinal(decision.record)) return decision
  const { job: _job, ...record } = decision.record
  const needsJob = record.state === 'sending' || wakesThrough(record) === 'refund'
  return { ...decision, record: needsJob && carrier !== DUE ? { ...record, job: carrier } : record }
}

/** One line a change; what left state and holds as they were is for those who look closely. */
function tell(
  log: Log,
  before: RefundRecord | undefined,
  { record, trail }: Extract<Decision, { kind: 'commit' }>,
): void {
  const { from, to, ret_code, attempt, observation, by, holds = [], warnings = [] } = trail
  const { oid_partner, no_refund } = record
  const fields = {
    oid_partner,
    no_refund,
    from,
    to,
    ...(ret_code !== undefined && { ret_code }),
    ...(attempt !== undefined && { attempt }),
    observation,
    ...(holds.length > 0 && { holds }),
    ...(warnings.length > 0 && { warnings }),
    ...(by !== undefined && { by }),
  }
  const changed = from !== to || record.holds.length !== before?.holds.length
  const alarming = holds.length > 0 || record.contradiction !== (before?.contradiction ?? false)
  if (warnings.length > 0 || (alarming && (changed || record.contradiction))) log.warn(fields, trail.note)
  else if (changed) log.info(fields, trail.note)
  else log.debug(fields, trail.note)
}
