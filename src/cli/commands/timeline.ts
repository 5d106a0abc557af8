import type { Command } from 'commander'
import type { Attempt } from '../../refund/record.ts'
import { CommandFault } from '../fault.ts'
import { type Io, paintFor, put } from '../io.ts'
import { type Format, outputOption, putOne } from '../output.ts'
import { partnerOption } from '../select.ts'
import { partnerOf, policyIn, withSession } from '../session.ts'
import { shutGates } from '../status-text.ts'
import { timelineText } from '../timeline-text.ts'
import { readTrailLine, type TrailLine } from '../trail-line.ts'
import { refundView } from '../view.ts'
import { absence } from './get.ts'

interface Options {
  readonly partner?: string
  readonly output: Format
  readonly utc?: boolean
}

export function addTimeline(program: Command, io: Io): void {
  program
    .command('timeline')
    .summary("tell a refund's whole story")
    .description(
      'Tells how a refund stands, what happens next, every send and its fate, and line by line how it came there.',
    )
    .argument('<no_refund>', 'refund number')
    .option('--utc', 'times in UTC (default: local time)')
    .addOption(partnerOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  refundctl timeline 2013051500001
  refundctl timeline 2013051500001 --utc
  refundctl timeline 2013051500001 -o json | jq '.trail[] | select(.by)'`,
    )
    .action(async (no_refund: string, { partner, output, utc = false }: Options) =>
      withSession(io, async ({ settings, ledger }) => {
        const id = { oid_partner: partnerOf(settings, partner), no_refund }
        const [{ record, tombstone, unmatched, now }, lines] = await Promise.all([ledger.read(id), ledger.trail(id)])
        if (!record) {
          throw new CommandFault(`${no_refund}: ${absence(tombstone !== undefined, unmatched !== undefined)}`)
        }
        const trail = lines.map(readTrailLine)
        if (output !== 'table') {
          return putOne(io, output, {
            refund: refundView(record),
            sends: record.attempts.map(sendView),
            trail: trail.map(dated),
          })
        }
        const shut = shutGates(await ledger.view([id.oid_partner]))
        const paint = paintFor(io.stdout)
        await put(
          io.stdout,
          timelineText(record, trail, { now, utc, policy: policyIn(settings, id.oid_partner), shut, paint }),
        )
      }),
    )
}

function sendView({ claimed_at, quarantined_from, last_denial_at, ...attempt }: Attempt) {
  return {
    ...attempt,
    claimed_at: iso(claimed_at),
    ...(quarantined_from !== undefined && { quarantined_from: iso(quarantined_from) }),
    ...(last_denial_at !== undefined && { last_denial_at: iso(last_denial_at) }),
  }
}

const iso = (epochMs: number) => new Date(epochMs).toISOString()

/** Times as everywhere in JSON: ISO 8601. */
function dated({ at, since, ...line }: TrailLine) {
  return {
    at: iso(at),
    ...(since !== undefined && { since: iso(since) }),
    ...line,
  }
}
