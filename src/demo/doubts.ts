import type { TrailStep } from './ledger-view.ts'

/** What became of the times at which nobody knew whether a refund had been taken. */
export interface Doubts {
  readonly times: number
  /** the gateway was asked, and had it */
  readonly byQuery: number
  /** a notification, or a late answer, told first */
  readonly byNotice: number
  /** denied for long enough: sent again, or failed after a refusal */
  readonly byDenial: number
  /** not over: held */
  readonly open: number
  /** how long each of those that ended took, ms */
  readonly waitsMs: readonly number[]
}

/** Reads refunds' histories: a doubt begins when the state becomes `unknown`, and ends when it leaves it. */
export function doubtsOf(trails: readonly (readonly TrailStep[])[]): Doubts {
  const found = { times: 0, byQuery: 0, byNotice: 0, byDenial: 0, open: 0 }
  const waitsMs: number[] = []
  for (const trail of trails) {
    let since: number | undefined
    for (const { at, from, to, observation, note } of trail) {
      if (to === 'unknown') {
        if (since === undefined) found.times += 1
        since ??= at
      } else if (from === 'unknown' && since !== undefined) {
        waitsMs.push(at - since)
        found[endOf(to, observation, note)] += 1
        since = undefined
      }
    }
    if (since !== undefined) found.open += 1
  }
  return { ...found, waitsMs }
}

function endOf(to: string, observation: string, note: string): 'byQuery' | 'byNotice' | 'byDenial' {
  if (to === 'sending' || note.includes('denied for long enough')) return 'byDenial'
  return observation === 'query' ? 'byQuery' : 'byNotice'
}
