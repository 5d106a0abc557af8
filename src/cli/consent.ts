import { hostname, userInfo } from 'node:os'
import { confirm } from '@clack/prompts'
import type { Command } from 'commander'
import { CommandFault, wrongUsage } from './fault.ts'
import type { Io } from './io.ts'

/** What every changing command takes. */
export interface ConsentOptions {
  readonly yes?: true
  readonly reason?: string
  readonly as?: string
  readonly dryRun?: true
}

/** Who acts, and why: both stand in the trail for as long as the refund is kept. */
export interface Actor {
  readonly by: string
  readonly reason: string
}

export function consentOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'why; written to the trail with your name')
    .option('--yes', 'do not ask; required where nobody can be asked')
    .option('--dry-run', 'show what would be done, and change nothing')
    .option('--as <name>', 'act under this name (default: <user>@<host>)')
}

/** @param fallback a reason for what needs none */
export function actorOf({ reason, as, dryRun }: ConsentOptions, fallback?: string): Actor {
  const why = filled(reason) ?? (dryRun ? 'dry run' : fallback)
  if (why === undefined) throw wrongUsage('--reason TEXT is required: it is written to the trail with your name')
  return { by: filled(as) ?? `${userName()}@${hostname()}`, reason: why }
}

function filled(text = ''): string | undefined {
  const trimmed = text.trim()
  return trimmed === '' ? undefined : trimmed
}

/** Goes on with --yes, or when the person at the terminal agrees. */
export async function consent(io: Io, { yes }: ConsentOptions, question: string): Promise<void> {
  if (yes) return
  if (!io.stdin.isTTY || !io.stderr.isTTY) {
    throw wrongUsage(`--yes is required where nobody can be asked: ${question}`)
  }
  const answer = await confirm({ message: question, initialValue: false, input: io.stdin, output: io.stderr })
  if (answer !== true) throw new CommandFault('nothing was changed')
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
