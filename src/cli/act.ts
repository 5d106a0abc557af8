import { performance } from 'node:perf_hooks'
import type { Command } from 'commander'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { Observation } from '../refund/observation.ts'
import type { RefundRecord } from '../refund/record.ts'
import type { Snapshot } from '../refund/snapshot.ts'
import { transition } from '../refund/transition.ts'
import { inBulk } from './bulk.ts'
import { type ConsentOptions, consent, consentOptions } from './consent.ts'
import { CommandFault, wrongUsage } from './fault.ts'
import { type Io, say } from './io.ts'
import { type Format, outputOption, putRows, refundRows } from './output.ts'
import { collect, filterOptions, narrows, partnerOption, type Selection, select } from './select.ts'
import { partnerOf, policyIn, type Session } from './session.ts'
import { counted, shownYuan } from './text.ts'
import { fenOf } from './view.ts'

export interface ActOptions extends ConsentOptions, Selection {
  readonly output: Format
}

/** What a command does to each refund that it is given. */
export interface Task {
  /** `release` */
  readonly verb: string
  /** `released` */
  readonly done: string
  /** what stands against it now, by the same rules as when it is done; absent: nothing */
  readonly against: (snapshot: Snapshot) => readonly string[] | undefined
  /** @returns the refund afterwards, or why not */
  readonly run: (id: RefundIdentity) => Promise<RefundRecord | readonly string[]>
  /** without a question where the refunds are named, since nothing can go wrong */
  readonly harmless?: true
}

const AT_ONCE = 16

/** A command on refunds that are named, or chosen by the filters of `list`. */
export function actCommand(program: Command, name: string): Command {
  const command = program.command(name).argument('[no_refund...]', 'refund numbers; or choose by filters, as list does')
  return consentOptions(filterOptions(command)).addOption(partnerOption()).addOption(outputOption())
}

/** An operator's word about a refund, said through the one door that everything goes through. */
export function wordTask(
  session: Session,
  words: Pick<Task, 'verb' | 'done' | 'harmless'>,
  observe: (snapshot: Snapshot) => Observation,
): Task {
  return {
    ...words,
    against(snapshot) {
      const { record, now } = snapshot
      const policy = record ? policyIn(session.settings, record.oid_partner) : session.settings.policy
      const decision = transition(record, observe(snapshot), policy, { now, random: 0 })
      return decision.kind === 'refuse' ? decision.faults : undefined
    },
    async run(id) {
      const { decision, record } = await session.decide(id, observe)
      if (decision.kind === 'refuse') return decision.faults
      return record ?? ['no such refund']
    },
  }
}

/** Chooses, asks, does, and tells: changed refunds on stdout, all else on stderr. Exit code 1 when any was refused. */
export async function act(
  io: Io,
  session: Session,
  { numbers, options, task }: { numbers: readonly string[]; options: ActOptions; task: Task },
): Promise<void> {
  if (numbers.length === 0 && !narrows(options)) {
    throw wrongUsage(`${task.verb}: name refund numbers, or choose by --state, --held-for and the like (see --help)`)
  }
  if (numbers.length > 0 && narrows(options)) {
    throw wrongUsage(`${task.verb}: name refund numbers or choose by filters, not both`)
  }
  const snapshots = await targets(session, numbers, options)
  if (snapshots.length === 0) {
    say(io, 'no refund is of this kind; nothing was changed')
    return
  }
  const ids = snapshots.map(({ id }) => id)
  const changed: RefundRecord[] = []
  const refused: string[] = []
  const keep = ({ no_refund }: RefundIdentity, result: RefundRecord | readonly string[]) => {
    if ('version' in result) changed.push(result)
    else refused.push(`${no_refund}: ${result.join('; ')}`)
  }

  if (options.dryRun) {
    for (const { id, snapshot } of snapshots) {
      keep(id, task.against(snapshot) ?? snapshot.record ?? ['no such refund'])
    }
    await tell(io, session, { options, changed, refused, summary: `dry run: would ${task.verb}` })
    say(io, 'nothing was changed')
  } else {
    const asks = task.harmless !== true || numbers.length === 0
    const sum = snapshots.reduce((fen, { snapshot }) => fen + fenIn(snapshot.record), 0)
    if (asks) await consent(io, options, `${task.verb} ${counted(ids.length, 'refund')}, ${shownYuan(sum)} yuan?`)
    const bulk = { done: task.done, concurrency: AT_ONCE, monotonic: () => performance.now() }
    let finished = 0
    try {
      finished = await inBulk(io, ids, bulk, async (id) => keep(id, await task.run(id)))
    } finally {
      await tell(io, session, { options, changed, refused, summary: task.done })
    }
    if (finished < ids.length) throw new CommandFault(`stopped: ${ids.length - finished} were not touched`)
  }
  if (refused.length > 0) throw new CommandFault(`${counted(refused.length, 'refund')} refused`)
}

interface Target {
  readonly id: RefundIdentity
  readonly snapshot: Snapshot
}

async function targets(session: Session, numbers: readonly string[], options: ActOptions): Promise<readonly Target[]> {
  const { ledger, settings, now } = session
  if (numbers.length === 0) {
    const chosen = await collect(select(ledger, options, now))
    // what a snapshot has beside the record is the same for all that have one
    const [first] = chosen
    const safeStart = first && (await ledger.read(first)).safeStart
    return chosen.map((record) => ({
      id: { oid_partner: record.oid_partner, no_refund: record.no_refund },
      snapshot: { now, record, ...(safeStart !== undefined && { safeStart }) },
    }))
  }
  const oid_partner = partnerOf(settings, options.partner)
  const ids = [...new Set(numbers)].map((no_refund) => ({ oid_partner, no_refund }))
  return Promise.all(ids.map(async (id) => ({ id, snapshot: await ledger.read(id) })))
}

async function tell(
  io: Io,
  { now, settings }: Session,
  told: { options: ActOptions; changed: readonly RefundRecord[]; refused: readonly string[]; summary: string },
): Promise<void> {
  const { options, changed, refused, summary } = told
  await putRows(io, options.output, refundRows(now, settings.merchants.length > 1), changed)
  for (const line of refused) say(io, `refused: ${line}`)
  const sum = changed.reduce((fen, record) => fen + fenIn(record), 0)
  say(io, `${summary} ${counted(changed.length, 'refund')}, ${shownYuan(sum)} yuan`)
}

const fenIn = (record: RefundRecord | undefined) => (record && fenOf(record)) ?? 0
