import { parseArgs } from 'node:util'

export type Wish =
  | {
      readonly kind: 'run'
      readonly parts: readonly string[]
      readonly quick: boolean
      /** the file for the results, where another than the bench's own is wanted */
      readonly results?: string
    }
  | { readonly kind: 'write' }
  | { readonly kind: 'help' }
  | { readonly kind: 'fault'; readonly fault: string }

/** @param names of the parts, in the order in which they run */
export function parseArguments(args: readonly string[], names: readonly string[]): Wish {
  let values: { only?: string[]; quick?: boolean; results?: string; write?: boolean; help?: boolean }
  try {
    values = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        results: { type: 'string' },
        write: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return { kind: 'fault', fault: error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error) }
  }
  const { only, quick = false, results, write = false, help = false } = values
  if (help) return { kind: 'help' }
  const unknown = only?.find((name) => !names.includes(name))
  if (unknown !== undefined) return { kind: 'fault', fault: `no such part: ${unknown} (there are ${names.join(', ')})` }
  if (write && (only || quick || results !== undefined))
    return { kind: 'fault', fault: '--write measures nothing and takes no other option' }
  if (write) return { kind: 'write' }
  const parts = only ? names.filter((name) => only.includes(name)) : names
  return { kind: 'run', parts, quick, ...(results !== undefined && { results }) }
}
