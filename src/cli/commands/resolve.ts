import type { Command } from 'commander'
import { type ActOptions, act, actCommand, wordTask } from '../act.ts'
import { actorOf } from '../consent.ts'
import { wrongUsage } from '../fault.ts'
import type { Io } from '../io.ts'
import { withSession } from '../session.ts'

interface Options extends ActOptions {
  readonly succeeded?: true
  readonly failed?: true
  readonly evidence?: string
}

export function addResolve(program: Command, io: Io): void {
  actCommand(program, 'resolve')
    .summary('settle refunds by evidence from outside')
    .description(
      "Settles refunds on a person's word, with evidence (LianLian's answer, a bank statement): an open one ends so and " +
        'its completion event goes out; of a final one it settles a contradiction (refund.corrected). ' +
        'Nothing is sent to the gateway.',
    )
    .option('--succeeded', 'the money was returned')
    .option('--failed', 'the money was not returned, and will not be')
    .option('--evidence <text>', 'where that is known from; written to the trail and the event')
    .addHelpText(
      'after',
      `
Examples:
  refundctl resolve 2013051500001 --succeeded --evidence "statement of 2026-11-20, line 12" --yes
  refundctl resolve 2013051500001 --failed --evidence "LianLian ticket 4711: never executed" --dry-run`,
    )
    .action(async (numbers: string[], options: Options) => {
      const { succeeded, failed, evidence = '', reason } = options
      if (succeeded === failed) throw wrongUsage('resolve: say either --succeeded or --failed')
      if (evidence.trim() === '')
        throw wrongUsage('--evidence TEXT is required: it is written to the trail and the event')
      const { by } = actorOf({ ...options, reason: evidence })
      const told = reason === undefined ? evidence.trim() : `${evidence.trim()}; ${reason.trim()}`
      const outcome = succeeded ? 'succeeded' : 'failed'
      await withSession(io, async (session) => {
        const words = { verb: `resolve as ${outcome}`, done: `resolved as ${outcome}:` }
        const task = wordTask(session, words, () => ({ type: 'resolve', by, outcome, evidence: told }))
        await act(io, session, { numbers, options, task })
      })
    })
}
