import type { Command } from 'commander'
import type { Stop } from '../../flows/overview.ts'
import { type Actor, actorOf, type ConsentOptions, consent, consentOptions } from '../consent.ts'
import { CommandFault, wrongUsage } from '../fault.ts'
import { type Io, say } from '../io.ts'
import { withQueues } from '../queues.ts'
import { partnerOption } from '../select.ts'
import { type Session, withSession } from '../session.ts'
import { counted, shownYuan } from '../text.ts'

interface Options extends ConsentOptions {
  readonly partner?: string
}

/** stop, pause and resume: what keeps the whole fleet, a merchant or a queue from going on. */
export function addBrake(program: Command, io: Io): void {
  addStop(program, io)
  addPause(program, io)
  addResume(program, io)
}

function addStop(program: Command, io: Io): void {
  consentOptions(program.command('stop'))
    .summary('send nothing any more: the emergency brake')
    .description(
      'From now on no refund is sent, of the whole fleet or of one merchant, until refundctl resume. What is under way is ' +
        'heard out; queries, notifications and completion events go on.',
    )
    .addOption(partnerOption())
    .addHelpText(
      'after',
      `
Examples:
  refundctl stop --yes --reason "wrong amounts from the shop, incident 12"
  refundctl stop --partner 201103171000000000 --yes --reason "key may be known"
  refundctl resume --yes --reason "incident 12 is over"`,
    )
    .action(async (options: Options) => {
      const actor = actorOf(options)
      await withSession(io, async (session) => {
        const { partner } = options
        const whose = scopeOf(session, partner)
        if (options.dryRun) {
          say(io, `dry run: would stop all sending of ${whose}, ${await openMoney(session)}; nothing was changed`)
          return
        }
        // with --yes nothing stands before the brake, least of all a long look at the ledger
        if (!options.yes) await consent(io, options, `stop all sending of ${whose}, ${await openMoney(session)}?`)
        await session.ledger.stop(partner, { ...actor, at: session.now })
        await note(session, actor, partner === undefined ? 'stop' : `stop ${partner}`)
        say(io, `all sending of ${whose} is stopped; refundctl resume lets it go on`)
        await tellWhatStands(io, session)
      })
    })
}

function addPause(program: Command, io: Io): void {
  consentOptions(program.command('pause').argument('<queue...>', 'names of queues'))
    .summary('take no more jobs of a queue')
    .description(
      'Pauses BullMQ queues: jobs under way end, no more are taken. To stop sending money, use refundctl stop.',
    )
    .addHelpText('after', '\nExamples:\n  refundctl pause refund --yes --reason "redis moves at 12:00"')
    .action(async (names: string[], options: ConsentOptions) => eachQueue(io, names, options, 'pause'))
}

function addResume(program: Command, io: Io): void {
  consentOptions(
    program.command('resume').argument('[queue...]', 'names of queues; none: the emergency brake is lifted'),
  )
    .summary('lift the emergency brake, or go on with queues')
    .description(
      'Without queues: lifts what refundctl stop did, for the whole fleet or one merchant. With queues: resumes them.',
    )
    .addOption(partnerOption())
    .addHelpText(
      'after',
      `
Examples:
  refundctl resume --yes --reason "incident 12 is over"
  refundctl resume --partner 201103171000000000 --yes --reason "new key is in place"
  refundctl resume refund --yes --reason "redis has moved"`,
    )
    .action(async (names: string[], options: Options) => {
      if (names.length === 0) return lift(io, options)
      if (options.partner !== undefined)
        throw wrongUsage('resume: --partner goes with the emergency brake, not with queues')
      return eachQueue(io, names, options, 'resume')
    })
}

async function lift(io: Io, options: Options): Promise<void> {
  const actor = actorOf(options)
  await withSession(io, async (session) => {
    const { partner } = options
    const whose = scopeOf(session, partner)
    const stop = await session.ledger.stopOf(partner)
    if (!stop) throw new CommandFault(`sending of ${whose} was not stopped`)
    const about = `${whose}, ${stoppedBy(stop)},`
    if (options.dryRun) {
      say(io, `dry run: would let sending of ${about} go on; nothing was changed`)
      return
    }
    await consent(io, options, `let sending of ${about} go on?`)
    await session.ledger.resume(partner)
    await note(session, actor, partner === undefined ? 'resume' : `resume ${partner}`)
    say(io, `sending of ${about} goes on`)
    await tellOtherStops(io, session)
  })
}

/** What a person at the brake must know at once: what it came too late for, and whether anybody hears it. */
async function tellWhatStands(io: Io, { ledger }: Session): Promise<void> {
  const { states, alive } = await ledger.view([])
  const { count, fen } = states.sending
  if (count > 0) say(io, `${counted(count, 'request')} under way may still arrive, ${shownYuan(fen)} yuan`)
  if (alive.length === 0) {
    say(
      io,
      'warning: no worker of this ledger was heard of lately; are REDIS_URL and LEDGER_PREFIX those of the workers?',
    )
  }
}

async function tellOtherStops(io: Io, { ledger, settings }: Session): Promise<void> {
  const { stopped, gates } = await ledger.view(settings.merchants.map(({ oid_partner }) => oid_partner))
  if (stopped) say(io, `the whole fleet is still stopped, ${stoppedBy(stopped)}`)
  for (const gate of gates) {
    if (gate.stopped) say(io, `merchant ${gate.oid_partner} is still stopped, ${stoppedBy(gate.stopped)}`)
  }
}

function stoppedBy({ by, at, reason }: Stop): string {
  return `stopped by ${by} at ${new Date(at).toISOString()} (${reason})`
}

async function eachQueue(io: Io, names: string[], options: ConsentOptions, action: 'pause' | 'resume'): Promise<void> {
  const actor = actorOf(options)
  await withSession(io, async (session) =>
    withQueues(session, async (queues) => {
      const known = queues.queues.map(({ name }) => name)
      const unknown = names.filter((name) => !known.includes(name))
      if (unknown.length > 0) throw wrongUsage(`no queue ${unknown.join(', ')}; there are ${known.join(', ')}`)
      if (options.dryRun) {
        say(io, `dry run: would ${action} ${names.join(', ')}; nothing was changed`)
        return
      }
      await consent(io, options, `${action} ${names.join(', ')}?`)
      for (const name of names) {
        await queues[action](name)
        await note(session, actor, `${action} ${name}`)
        say(io, `${name}: ${action}d`)
      }
    }),
  )
}

async function openMoney({ ledger }: Session): Promise<string> {
  const { open } = await ledger.view([])
  return `${counted(open.count, 'refund')} of ${shownYuan(open.fen)} yuan being open in the ledger`
}

/** A mistyped merchant would stop nothing, and nobody would see it. */
function scopeOf({ settings }: Session, partner: string | undefined): string {
  if (partner === undefined) return 'the whole fleet'
  const known = settings.merchants.map(({ oid_partner }) => oid_partner)
  if (!known.includes(partner))
    throw wrongUsage(`--partner: ${partner} is not configured; there is ${known.join(', ')}`)
  return `merchant ${partner}`
}

async function note({ ledger, now }: Session, { by, reason }: Actor, action: string): Promise<void> {
  await ledger.operated({ at: now, by, action, reason })
}
