import { parseArgs } from 'node:util'
import { FAULT_LEVELS, type FaultLevel } from '../simulator/seeded.ts'

export const HELP = `Usage: npm run demo -- [options]

Sends refunds through everything that this project has, as real processes, against a simulated gateway: finds or starts
a Redis, runs one worker a role, adds refunds to the queue, consumes the completion events, and compares what it was
told with the gateway's own book of money moved. Exit 0 when nothing was lost or doubled.

  --refunds N              how many, 1 to 100000 (200)
  --rate R                 how many are added a second, 1 to 10000 (50)
  --faults LEVEL           what goes wrong at the gateway: none, some or many (some)
  --seed S                 the same seed gives the same refunds and the same faults (1)
  --repeated WHAT          what the gateway does with a number that comes again: refuse it, or pay-again (refuse)
  --keep                   leave everything running after the summary, until Ctrl-C
  --help

REDIS_URL names a Redis to use, under keys of the demo's own; without it a private one is started.
`

export interface DemoOptions {
  readonly refunds: number
  /** refunds a second */
  readonly rate: number
  readonly faults: FaultLevel
  readonly seed: number
  readonly repeated: 'refuse' | 'pay-again'
  readonly keep: boolean
}

const TEXT = { type: 'string' } as const
const OPTIONS = {
  refunds: { ...TEXT, default: '200' },
  rate: { ...TEXT, default: '50' },
  faults: { ...TEXT, default: 'some' },
  seed: { ...TEXT, default: '1' },
  repeated: { ...TEXT, default: 'refuse' },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** A wrong option, in words for the person who typed it. */
class WrongOption extends Error {}

/** @returns the options, `help` when it is asked for, or what is wrong in one line */
export function readOptions(argv: readonly string[]): DemoOptions | 'help' | { readonly wrong: string } {
  try {
    return read(argv)
  } catch (error) {
    // parseArgs throws a TypeError whose first sentence names the option
    if (error instanceof WrongOption || error instanceof TypeError) {
      return { wrong: error.message.split(/\n|\. /)[0] ?? error.message }
    }
    throw error
  }
}

function read(argv: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false })
  if (values.help) return 'help'
  return {
    refunds: whole('refunds', values.refunds, { least: 1, most: 100_000 }),
    rate: whole('rate', values.rate, { least: 1, most: 10_000 }),
    faults: oneOf('faults', values.faults, FAULT_LEVELS),
    seed: whole('seed', values.seed, { least: 0, most: 999_999_999 }),
    repeated: oneOf('repeated', values.repeated, ['refuse', 'pay-again'] as const),
    keep: values.keep,
  }
}

function whole(name: string, text: string, { least, most }: { least: number; most: number }): number {
  const value = /^\d{1,9}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN
  if (value >= least && value <= most) return value
  throw new WrongOption(`--${name} must be a whole number from ${least} to ${most}, not '${text}'`)
}

function oneOf<const T extends string>(name: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text)
  if (found === undefined) throw new WrongOption(`--${name} must be one of ${words.join(', ')}, not '${text}'`)
  return found
}
