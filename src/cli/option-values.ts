import type { Command } from 'commander'
import { HOLD_REASONS } from '../refund/record.ts'
import { SELECTABLE_STATES } from './select.ts'

const LISTS: Readonly<Partial<Record<string, readonly string[]>>> = {
  '--state': SELECTABLE_STATES,
  '--held-for': HOLD_REASONS,
}

/** What may stand after which option of a command, where that is known. */
export function optionValues(command: Command): ReadonlyMap<string, readonly string[]> {
  const values = command.options.flatMap(({ short, long, argChoices }): [string, readonly string[]][] => {
    const choices = argChoices ?? LISTS[long ?? '']
    if (choices === undefined) return []
    return [short, long].flatMap((flag): [string, readonly string[]][] => (flag === undefined ? [] : [[flag, choices]]))
  })
  const reasons: [string, readonly string[]][] = command.name() === 'list' ? [['--reason', HOLD_REASONS]] : []
  return new Map([...values, ...reasons])
}
