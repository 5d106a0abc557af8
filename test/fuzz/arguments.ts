import { parseArgs } from 'node:util'

export interface Arguments {
  readonly seed: number
  readonly seconds: number | undefined
  readonly executions: number | undefined
  readonly target: string | undefined
  /** where findings are kept */
  readonly folder: string
  readonly replay: string | undefined
}

export const USAGE = `npm run fuzz -- [--seconds N] [--seed S] [--executions N] [--target NAME] [--out FOLDER] | --replay FILE
  --seconds N      wall clock for all targets together, 60 by default
  --executions N   of each target, instead of a time
  --seed S         1 by default; the same seed tries the same inputs in the same order
  --target NAME    one target alone: TARGETS
  --out FOLDER     where findings are kept, one file each; fuzz-findings by default
  --replay FILE    tries the input of one finding again`

/** @returns what is wrong with the arguments, for people, when they cannot be followed */
export function readArguments(args: readonly string[]): Arguments | string {
  const read = parsed(args)
  if (typeof read === 'string') return read
  const { seconds, executions, seed = '1', target, out = 'fuzz-findings', replay } = read
  for (const number of [seconds, executions, seed]) {
    if (number !== undefined && !/^[0-9]{1,9}$/.test(number)) return 'a number is expected'
  }
  const limited = seconds ?? (executions === undefined ? '60' : undefined)
  return {
    seed: Number(seed),
    seconds: limited === undefined ? undefined : Number(limited),
    executions: executions === undefined ? undefined : Number(executions),
    target,
    folder: out,
    replay,
  }
}

function parsed(args: readonly string[]): Record<string, string | undefined> | string {
  const text = { type: 'string' } as const
  const options = { seconds: text, executions: text, seed: text, target: text, out: text, replay: text }
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
