import { type Command, Option } from 'commander'
import { eventOf } from '../../refund/event.ts'
import { type ActOptions, act, actCommand, type Task } from '../act.ts'
import { type Actor, actorOf } from '../consent.ts'
import { wrongUsage } from '../fault.ts'
import type { Io } from '../io.ts'
import { withQueues } from '../queues.ts'
import { type Session, withSession } from '../session.ts'

interface Options extends ActOptions {
  readonly queue?: readonly string[]
}

export function addReplay(program: Command, io: Io): void {
  actCommand(program, 'replay')
    .summary('publish completion events once more')
    .description(
      "Hands the last completion event of settled refunds to the subscribers' queues once more: the same event with the " +
        'same id, as a job of another id. A subscriber that remembers ids does nothing.',
    )
    .addOption(
      new Option('--queue <name,...>', 'only to these subscribers (default: all)').argParser((text) => text.split(',')),
    )
    .addHelpText(
      'after',
      `
Examples:
  refundctl replay 2013051500001 --yes --reason "accounting lost it"
  refundctl replay 2013051500001 --queue refund-completed-accounting --yes --reason "ticket 8"
  refundctl replay --state succeeded,failed --older-than 1d --limit 100 --dry-run`,
    )
    .action(async (numbers: string[], options: Options) => {
      const actor = actorOf(options)
      await withSession(io, async (session) => {
        const task = { verb: 'replay the event of', done: 'replayed the event of', against }
        await withQueues(session, async (lent) => {
          const queues = queuesOf(session, options.queue)
          // one suffix a run: a refund named twice is told once
          const suffix = session.now.toString(36)
          const run = runner(session, actor, (event) => lent.replay(event, suffix, queues))
          await act(io, session, { numbers, options, task: { ...task, run } })
          if (!options.dryRun) await note(session, actor, suffix)
        })
      })
    })
}

const against: Task['against'] = ({ record }) => {
  if (!record) return ['no such refund']
  return eventOf(record) ? undefined : [`the refund is ${record.state}, it has no completion event`]
}

type Event = NonNullable<ReturnType<typeof eventOf>>

/** Said in the trail before it is done: a replay that nobody can explain is worse than one that is asked for twice. */
function runner(session: Session, actor: Actor, replay: (event: Event) => Promise<void>): Task['run'] {
  return async (id) => {
    const { decision, record } = await session.decide(id, () => ({ type: 'replay', ...actor }))
    if (decision.kind === 'refuse') return decision.faults
    const event = record && eventOf(record)
    if (!event) return ['it has no completion event any more']
    await replay(event)
    return record
  }
}

async function note({ ledger, now }: Session, { by, reason }: Actor, suffix: string): Promise<void> {
  await ledger.operated({ at: now, by, action: `replay events, jobs ...-replay-${suffix}`, reason })
}

function queuesOf({ settings }: Session, names: readonly string[] | undefined): readonly string[] {
  const { completion } = settings.queues
  const unknown = names?.filter((name) => !completion.includes(name)) ?? []
  if (unknown.length === 0) return names ?? completion
  throw wrongUsage(`--queue: ${unknown.join(', ')} is no subscriber; there are ${completion.join(', ')}`)
}
