import type { ReceivedRequest } from './events.ts'

export type Call = 'submit' | 'query'

export interface CallCounts {
  /** answers by return code, also of answers that were lost on the way */
  readonly codes: Readonly<Record<string, number>>
  /** calls by the fault that befell them */
  readonly faults: Readonly<Record<string, number>>
}

/** The latest requests with their bodies, and counts of all. */
export interface Journal {
  readonly requests: readonly ReceivedRequest[]
  readonly submits: CallCounts
  readonly queries: CallCounts
  add(call: Call, request: ReceivedRequest): void
}

/** @param keep how many requests are kept; the oldest leave first */
export function openJournal(keep: number): Journal {
  const requests: ReceivedRequest[] = []
  const counts = {
    submit: { codes: {} as Record<string, number>, faults: {} as Record<string, number> },
    query: { codes: {} as Record<string, number>, faults: {} as Record<string, number> },
  }
  return {
    requests,
    submits: counts.submit,
    queries: counts.query,
    add(call, request) {
      requests.push(request)
      if (requests.length > keep) requests.shift()
      count(counts[call].codes, request.ret_code)
      count(counts[call].faults, request.fault)
    },
  }
}

function count(into: Record<string, number>, name: string | undefined): void {
  if (name !== undefined) into[name] = (into[name] ?? 0) + 1
}
