import type { Random } from '../simulation/random.ts'

/** One thing that was tried. Together with its target it is all that a replay needs. */
export interface Input {
  readonly bytes: Buffer
  /** what the gateway signed, of all that this input may be made of: fields as names and texts */
  readonly vouched: readonly Fields[]
  /** which kind of input it is, or how it was made; `intact` must be taken */
  readonly note: string
}

export type Fields = readonly (readonly [name: string, text: string])[]

/** One reader of the product, with what must hold of it. */
export interface Target {
  readonly name: string
  /** part of a run's time */
  readonly share: number
  /** longer than this for one input, ms, is a finding */
  readonly slowMs: number
  readonly make: (random: Random) => Input
  /** @returns what is wrong, for people; throwing is wrong as well */
  readonly check: (input: Input) => string | undefined | Promise<string | undefined>
  /** what became of the inputs so far, by name */
  readonly counts: Map<string, number>
  readonly close?: () => Promise<void>
}

export interface Finding {
  readonly target: string
  readonly seed: number
  readonly iteration: number
  readonly wrong: string
  readonly input: Input
}

export function tally(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}
