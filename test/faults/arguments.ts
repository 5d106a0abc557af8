import { parseArgs } from 'node:util'
import { MODES, type Mode } from './mode.ts'

export const HELP = `Usage: npm run faults -- [options]

Plays faults on real processes: workers, Redis, a simulated gateway, a producer and a subscriber. Each case runs with a
gateway that refuses a repeated number and with one that pays it again. It heals what it broke, waits until everything
is drained, and compares the gateway's book of money and the published events with what was asked for.
Exit 0 when all passed.

  --case N[,N...]    only these
  --mode MODE        only this gateway: refuse or pay-again
  --jobs N           cases that run at the same time, 1 to 8 (2)
  --self-check       switch each defence off in turn: something must fail every time
  --list             name the cases
  --help
`

export interface FaultOptions {
  /** numbers of cases; absent: all */
  readonly only?: readonly number[]
  readonly modes: readonly Mode[]
  readonly jobs: number
  readonly what: 'run' | 'self-check' | 'list' | 'help'
}

const OPTIONS = {
  case: { type: 'string' },
  mode: { type: 'string' },
  jobs: { type: 'string', default: '2' },
  'self-check': { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** @returns the options, or what is wrong in one line */
export function readOptions(
  argv: readonly string[],
  known: readonly number[],
): FaultOptions | { readonly wrong: string } {
  try {
    const { values } = parseArgs({ args: [...argv], options: OPTIONS })
    const only = values.case?.split(',').map(Number)
    const unknown = only?.find((number) => !known.includes(number))
    if (unknown !== undefined) return { wrong: `--case: there is no case ${values.case}; --list names them` }
    const mode = MODES.find((each) => each === values.mode?.replace('-', '_'))
    if (values.mode !== undefined && !mode) return { wrong: '--mode is refuse or pay-again' }
    const jobs = Number(values.jobs)
    if (!Number.isInteger(jobs) || jobs < 1 || jobs > 8) return { wrong: '--jobs is a number from 1 to 8' }
    const what = (['help', 'list', 'self-check'] as const).find((each) => values[each]) ?? 'run'
    return { ...(only && { only }), modes: mode ? [mode] : MODES, jobs, what }
  } catch (error) {
    // parseArgs says in its first sentence which option it is
    return { wrong: error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error) }
  }
}
