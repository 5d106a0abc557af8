import { parseArgs } from 'node:util'
import { DEFENCES, type Defence } from '../defences/names.ts'

export interface Arguments {
  readonly schedules: number
  readonly seed: number
  readonly workers: number
  readonly without: Defence | undefined
}

export const USAGE = `node test/simulation/main.ts [--schedules N] [--seed S] [--workers N] [--without DEFENCE]
  --schedules N      how many, 10000 by default; schedule number n of them has the seed S + n
  --seed S           the first seed, 1 by default; --replay S is short for --schedules 1 --seed S
  --workers N        processor threads to use, 2 by default
  --without DEFENCE  switches a defence off, to see that it is missed: ${DEFENCES.join(', ')}`

/** @returns what is wrong with the arguments, for people, when they cannot be followed */
export function readArguments(args: readonly string[]): Arguments | string {
  const read = parsed(args)
  if (typeof read === 'string') return read
  const { schedules = '10000', seed = '1', workers = '2', replay, without } = read
  const numbers = [schedules, seed, workers, replay ?? '1']
  if (numbers.some((text) => !/^\d{1,9}$/.test(text))) return 'a number is expected'
  const defence = DEFENCES.find((name) => name === without)
  if (without !== undefined && defence === undefined) return `no such defence: ${without}`
  if (replay !== undefined) return { schedules: 1, seed: Number(replay), workers: 1, without: defence }
  return { schedules: Number(schedules), seed: Number(seed), workers: Math.max(1, Number(workers)), without: defence }
}

function parsed(args: readonly string[]): Record<string, string | undefined> | string {
  const text = { type: 'string' } as const
  const options = { schedules: text, seed: text, workers: text, replay: text, without: text }
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
