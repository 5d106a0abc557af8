/** Runs many command lines of refundctl in one process, one after another; each is told on stdout before it runs. */
import process from 'node:process'
import { z } from 'zod'
import { runCommandLine } from '../../src/cli/program.ts'

const commands = z.array(z.array(z.string())).parse(JSON.parse(process.argv[2] ?? ''))
const { env, stdin, stdout, stderr } = process
stdout.setMaxListeners(0)
stderr.setMaxListeners(0)
for (const args of commands) {
  stdout.write(`\n# ${args.join(' ')}\n`)
  const code = await runCommandLine(args, { env, stdin, stdout, stderr })
  stdout.write(`\n# exit code ${code}\n`)
}
