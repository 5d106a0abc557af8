import type { Command } from 'commander'
import type { Observation } from '../../refund/observation.ts'
import type { Snapshot } from '../../refund/snapshot.ts'
import { type ActOptions, act, actCommand, type Task, wordTask } from '../act.ts'
import { type Actor, actorOf } from '../consent.ts'
import type { Io } from '../io.ts'
import { type Session, withSession } from '../session.ts'

interface Word {
  readonly name: string
  readonly done: string
  readonly summary: string
  readonly description: string
  readonly examples: readonly string[]
  readonly observe: (actor: Actor, snapshot: Snapshot) => Observation
  readonly harmless?: true
}

const WORDS: readonly Word[] = [
  {
    name: 'query',
    done: 'queried soon:',
    summary: 'ask the gateway about refunds now',
    description:
      'Has the gateway asked about open refunds at once, and not when their next look is due. Asking moves no money: ' +
      'numbers that are named need no --yes and no --reason.',
    examples: ['query 2013051500001', 'query --state unknown --older-than 2h --yes --reason "gateway is back"'],
    observe: (actor) => ({ type: 'requery', ...actor }),
    harmless: true,
  },
  {
    name: 'hold',
    done: 'held',
    summary: 'let refunds wait for a person',
    description:
      'Holds open refunds: nothing more is sent for them until they are released. They are still asked about.',
    examples: [
      'hold 2013051500001 --yes --reason "customer called, ticket 7"',
      'hold --state waiting --min 10000.00 --dry-run',
    ],
    observe: (actor) => ({ type: 'hold', ...actor }),
  },
  {
    name: 'release',
    done: 'released',
    summary: 'let held refunds go on',
    description:
      'Lifts every hold of refunds: they go on from the state they have. A cap is waived, and spent attempts get one ' +
      'more send; one that was held for its balance lets the other refunds of its merchant go on too. What may have left ' +
      'before is still asked about first.',
    examples: [
      'release 2013051500001 --yes --reason "checked with finance"',
      'release --held-for insufficient_balance --dry-run',
      'release --held-for insufficient_balance --yes --reason "topped up, transfer 881"',
    ],
    observe: (actor) => ({ type: 'release', ...actor }),
  },
  {
    name: 'cancel',
    done: 'cancelled',
    summary: 'give up refunds that were surely never sent',
    description:
      'Rejects refunds that wait and were surely never sent; refuses every other. Their completion event says ' +
      'refund.rejected, and the number may be used again.',
    examples: ['cancel 2013051500001 --yes --reason "entered by mistake"', 'cancel --held-for cap --dry-run'],
    observe: (actor, { safeStart }) => ({ type: 'cancel', ...actor, ...(safeStart !== undefined && { safeStart }) }),
  },
  {
    name: 'erase',
    done: 'erased the metadata of',
    summary: 'forget whom refunds were for: their metadata',
    description:
      'Takes the metadata of final refunds out of the ledger, for ever. Number, order, amount and outcome stay: the books ' +
      'need them. docs/data.md tells where else a person may be named.',
    examples: [
      'erase 2013051500001 --yes --reason "request 12 of a customer"',
      'erase --state succeeded --older-than 90d --dry-run',
    ],
    observe: (actor) => ({ type: 'erase', ...actor }),
  },
]

/** hold, release, query, cancel, erase: an operator's word about refunds. */
export function addOperate(program: Command, io: Io): void {
  for (const word of WORDS) {
    actCommand(program, word.name)
      .summary(word.summary)
      .description(word.description)
      .addHelpText('after', `\nExamples:\n${word.examples.map((line) => `  refundctl ${line}`).join('\n')}`)
      .action(async (numbers: string[], options: ActOptions) => {
        const { name, done, observe, harmless } = word
        const named = harmless === true && numbers.length > 0
        const actor = actorOf(options, named ? 'asked by hand' : undefined)
        await withSession(io, async (session) => {
          const task = wordTask(session, { verb: name, done, ...(harmless && { harmless }) }, (snapshot) =>
            observe(actor, snapshot),
          )
          await act(io, session, { numbers, options, task: name === 'release' ? openingBalance(session, task) : task })
        })
      })
  }
}

/** Who releases a refund from `insufficient_balance` knows that there is some again: nobody waits for the next probe. */
function openingBalance({ ledger }: Session, release: Task): Task {
  return {
    ...release,
    async run(id) {
      const { record: before } = await ledger.read(id)
      const result = await release.run(id)
      if ('version' in result && before?.holds.includes('insufficient_balance') === true) {
        await ledger.openBalance(id.oid_partner)
      }
      return result
    },
  }
}
