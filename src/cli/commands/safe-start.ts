import type { Command } from 'commander'
import { actorOf, type ConsentOptions, consent, consentOptions } from '../consent.ts'
import { wrongUsage } from '../fault.ts'
import { type Io, say } from '../io.ts'
import { epochOfMoment } from '../moment.ts'
import { withSession } from '../session.ts'

/** For producers whose clocks are ahead: their older jobs seem newer than they are. */
const AHEAD_MS = 3_600_000

export function addSafeStart(program: Command, io: Io): void {
  consentOptions(program.command('safe-start'))
    .summary('after a restore: ask before sending what is older')
    .description(
      'After Redis was restored from a backup: every job and refund older than the given time is asked about before ' +
        'anything is sent for it, since it may have been sent after the backup was made. ' +
        'Say it before the workers are started again.',
    )
    .requiredOption('--before <time>', 'ISO 8601, yyyyMMddHHmmss (UTC+8), now, or how long ago, such as 2h')
    .addHelpText(
      'after',
      `
Examples:
  refundctl safe-start --before now --yes --reason "restored from last night's backup"
  refundctl safe-start --before 2026-11-22T08:00:00Z --yes --reason "failover lost a replica"`,
    )
    .action(async ({ before, ...options }: ConsentOptions & { readonly before: string }) => {
      const actor = actorOf(options)
      await withSession(io, async ({ ledger, now }) => {
        const epochMs = epochOfMoment(before, now)
        if (epochMs === undefined) throw wrongUsage('--before: expected ISO 8601, yyyyMMddHHmmss, now, or such as 2h')
        if (epochMs > now + AHEAD_MS) throw wrongUsage('--before: more than an hour ahead, no clock is that wrong')
        const iso = new Date(epochMs).toISOString()
        const { open, safeStart } = await ledger.view([])
        if (safeStart !== undefined && safeStart > epochMs) {
          throw wrongUsage(`--before: a later safe start stands already, ${new Date(safeStart).toISOString()}`)
        }
        const what = `ask before sending what is older than ${iso}`
        if (options.dryRun) {
          say(io, `dry run: would ${what}; ${open.count} are open; nothing was changed`)
          return
        }
        await consent(io, options, `${what}?`)
        await ledger.setSafeStart(epochMs)
        await ledger.operated({ at: now, by: actor.by, action: `safe-start ${iso}`, reason: actor.reason })
        say(io, `safe start: what is older than ${iso} is asked about before it is sent`)
      })
    })
}
