/** Runs the demo: see `--help`. */
import { type DemoOptions, HELP, readOptions } from './arguments.ts'
import { cleanUps } from './clean-ups.ts'
import { runDemo } from './run.ts'
import { openScreen } from './screen.ts'

const WRONG_USAGE = 2
const INTERRUPTED = 130

async function run(options: DemoOptions): Promise<number> {
  const screen = openScreen(options, process.env, process.stderr)
  const ends = cleanUps(screen.say)
  const stop = new AbortController()
  const onSignal = () => {
    // the children end with us, however we end
    if (stop.signal.aborted) process.exit(INTERRUPTED)
    stop.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  try {
    const io = { env: process.env, screen, stdout: process.stdout, ends, signal: stop.signal }
    return (await runDemo(options, io)) ? 0 : 1
  } catch (error) {
    screen.say(
      stop.signal.aborted ? 'demo: interrupted' : `demo: ${error instanceof Error ? error.message : String(error)}`,
    )
    return stop.signal.aborted ? INTERRUPTED : 1
  } finally {
    await ends.run()
  }
}

const wanted = readOptions(process.argv.slice(2))
if (wanted === 'help') process.stdout.write(HELP)
else if ('wrong' in wanted) {
  process.stderr.write(`demo: ${wanted.wrong}\n`)
  process.exitCode = WRONG_USAGE
} else process.exitCode = await run(wanted)
