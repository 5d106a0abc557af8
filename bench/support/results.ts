import { median, quartiles } from './statistics.ts'

/** What a figure has to be, and what it should be. */
export interface Bound {
  readonly must: number
  readonly aim: number
  readonly better: 'more' | 'less'
}

/** One line of `bench/results.json`. */
export interface Result {
  readonly name: string
  /** the median of the rounds; of what, says `unit` */
  readonly ratio: number
  /** `times` for a ratio of two sides of one round, else what is counted */
  readonly unit: string
  /** lower and upper quartile of the rounds */
  readonly spread: readonly [number, number]
  /** null: a figure that is told and not judged */
  readonly must: number | null
  readonly aim: number | null
  readonly better: 'more' | 'less' | null
  readonly rounds: number
  /** for people: the figures of the sides */
  readonly detail: string
}

export interface Measured {
  readonly name: string
  /** one value a round */
  readonly values: readonly number[]
  readonly unit?: string
  readonly bound?: Bound
  readonly detail?: string
}

export function result({ name, values, unit = 'times', bound, detail = '' }: Measured): Result {
  const [low, high] = quartiles(values)
  return {
    name,
    ratio: rounded(median(values)),
    unit,
    spread: [rounded(low), rounded(high)],
    must: bound?.must ?? null,
    aim: bound?.aim ?? null,
    better: bound?.better ?? null,
    rounds: values.length,
    detail,
  }
}

export function verdict({ ratio, must, aim, better }: Result): 'aim' | 'must' | 'missed' | '' {
  if (must === null || aim === null) return ''
  const reaches = (bound: number) => (better === 'more' ? ratio >= bound : ratio <= bound)
  if (reaches(aim)) return 'aim'
  return reaches(must) ? 'must' : 'missed'
}

/** Six digits: no figure is rounded into reaching what it missed by more than noise. */
const rounded = (value: number) => Number(value.toPrecision(6))
