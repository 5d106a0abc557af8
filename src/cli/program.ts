import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { z } from 'zod'
import { RefundDataError } from '../refund/errors.ts'
import { addBrake } from './commands/brake.ts'
import { addCompletion } from './commands/completion.ts'
import { addConfig } from './commands/config.ts'
import { addEnqueue } from './commands/enqueue.ts'
import { addExport } from './commands/export.ts'
import { addGet } from './commands/get.ts'
import { addImport } from './commands/import.ts'
import { addKeys } from './commands/keys.ts'
import { addList } from './commands/list.ts'
import { addOperate } from './commands/operate.ts'
import { addReconcile } from './commands/reconcile.ts'
import { addReplay } from './commands/replay.ts'
import { addResolve } from './commands/resolve.ts'
import { addSafeStart } from './commands/safe-start.ts'
import { addSimulate } from './commands/simulate.ts'
import { addStatus } from './commands/status.ts'
import { addTimeline } from './commands/timeline.ts'
import { addUnmatched } from './commands/unmatched.ts'
import { CommandFault } from './fault.ts'
import { endWithReader, type Io, say } from './io.ts'
import { reasonOf } from './session.ts'

const WRONG_USAGE = 2

const metadata = z.object({ version: z.string() })

/**
 * Runs one command line.
 *
 * @param args without the program's name
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage
 */
export async function runCommandLine(args: readonly string[], io: Io): Promise<number> {
  endWithReader(io)
  try {
    await createProgram(io).parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    // commander has told it already
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE
    if (error instanceof CommandFault) {
      for (const line of error.message.split('\n')) say(io, `refundctl: ${line}`)
      return error.exitCode
    }
    const faults = error instanceof RefundDataError ? error.faults : [reasonOf(error)]
    for (const fault of faults) say(io, `refundctl: ${fault}`)
    return 1
  }
}

function createProgram(io: Io): Command {
  // by the package's own name: compiled, this file lies deeper
  const { version } = metadata.parse(createRequire(import.meta.url)('lianlian-refund-worker/package.json'))
  const program = new Command('refundctl')
    .version(version)
    .description(
      'Looks after refunds: shows them, tells their story, and lets a person act on them. It takes the settings of the ' +
        'workers (REDIS_URL, LIANLIAN_OID_PARTNER, ...) and needs no key.',
    )
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showHelpAfterError('(--help after a command tells how it is used)')
    .addHelpText(
      'after',
      `
Data goes to stdout, talk to stderr. Exit code: 0 done, 1 failed or refused, 2 wrong usage.

Examples:
  refundctl status
  refundctl list --state held
  refundctl timeline 2013051500001
  refundctl release --held-for insufficient_balance --dry-run`,
    )
  program.commandsGroup('Look:')
  for (const add of [addStatus, addList, addGet, addTimeline, addUnmatched, addKeys, addConfig]) add(program, io)
  program.commandsGroup('Act on refunds:')
  for (const add of [addEnqueue, addImport, addOperate, addResolve, addReplay]) add(program, io)
  program.commandsGroup('Act on the fleet:')
  for (const add of [addBrake, addSafeStart]) add(program, io)
  program.commandsGroup('Books:')
  for (const add of [addReconcile, addExport]) add(program, io)
  program.commandsGroup('Tools:')
  addSimulate(program)
  addCompletion(program, io)
  return program
}
