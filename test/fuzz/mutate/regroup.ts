import { signedText } from '../../../src/simulator/signing.ts'
import type { Random } from '../../simulation/random.ts'
import type { Fields } from '../target.ts'

/**
 * Other fields with the same source text, so that the same signature fits them: what stands between two `&` begins a
 * field, or goes on with the value before it.
 */
export function regrouped(random: Random, fields: Fields): Fields {
  const source = signedText(Object.fromEntries(fields))
  for (let times = 0; times < 10; times++) {
    const tried = regroup(random, source.split('&'))
    const names = new Set(tried.map(([name]) => name))
    const isOther = tried.length !== fields.length || tried.some(([name, value]) => !has(fields, name, value))
    if (isOther && names.size === tried.length && signedText(Object.fromEntries(tried)) === source) return tried
  }
  return fields
}

function regroup(random: Random, pieces: readonly string[]): Fields {
  const fields: [name: string, value: string][] = []
  for (const piece of pieces) {
    const at = piece.indexOf('=')
    const last = fields.at(-1)
    if (last && (at < 1 || random.chance(0.25))) last[1] += `&${piece}`
    else fields.push([piece.slice(0, at), piece.slice(at + 1)])
  }
  return fields
}

function has(fields: Fields, name: string, value: string): boolean {
  return fields.some(([each, told]) => each === name && told === value)
}
