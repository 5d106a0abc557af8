/** Runs the fault suite: see `--help`. */
import { setMaxListeners } from 'node:events'
import { HELP, readOptions } from './arguments.ts'
import { CASES } from './cases.ts'
import type { FaultCase } from './fault-case.ts'
import type { Mode } from './mode.ts'
import { type CaseResult, runCase } from './run-case.ts'
import { selfCheck } from './self-check.ts'

const WRONG_USAGE = 2

interface Turn {
  readonly faultCase: FaultCase
  readonly mode: Mode
}

/** Plays the turns, so many at a time; tells each when it has ended. */
async function playAll(turns: readonly Turn[], jobs: number): Promise<number> {
  const left = [...turns]
  let failed = 0
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      for (let turn = left.shift(); turn; turn = left.shift()) {
        const result = await runCase(turn.faultCase, turn.mode)
        if (result.faults.length > 0) failed += 1
        process.stdout.write(lineOf(result))
      }
    }),
  )
  process.stdout.write(`${turns.length - failed} passed, ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

function lineOf({ number, title, mode, faults, ms, logs }: CaseResult): string {
  const verdict = faults.length === 0 ? 'ok  ' : 'FAIL'
  const head = `${verdict} ${String(number).padStart(2)} ${mode.padEnd(9)} ${title} (${(ms / 1000).toFixed(1)} s)\n`
  const told = faults.slice(0, 20).map((fault) => `        ${fault}\n`)
  const more = faults.length > told.length ? [`        and ${faults.length - told.length} more\n`] : []
  return [head, ...told, ...more, ...(logs === undefined ? [] : [`        logs of the workers: ${logs}\n`])].join('')
}

const wanted = readOptions(
  process.argv.slice(2),
  CASES.map(({ number }) => number),
)
setMaxListeners(0)
if ('wrong' in wanted) {
  process.stderr.write(`faults: ${wanted.wrong}\n`)
  process.exitCode = WRONG_USAGE
} else if (wanted.what === 'help') {
  process.stdout.write(HELP)
} else if (wanted.what === 'list') {
  for (const { number, title } of CASES) process.stdout.write(`${String(number).padStart(2)}  ${title}\n`)
} else if (wanted.what === 'self-check') {
  process.exitCode = (await selfCheck((line) => process.stdout.write(`${line}\n`))) ? 0 : 1
} else {
  const { only, modes, jobs } = wanted
  const cases = CASES.filter(({ number }) => only?.includes(number) ?? true)
  const turns = cases.flatMap((faultCase) => modes.map((mode) => ({ faultCase, mode })))
  process.exitCode = await playAll(turns, jobs)
}
