import { returnCode } from '../lianlian/return-codes.ts'

/** What the workers did about each class of answer, for people. */
const SUBMIT_WORDS = {
  success: 'accepted; the notification or a query tells how it ends',
  'already-known-query': 'known there already: asked by query, not sent again',
  'terminal-failure': 'refused: failed, as nothing else was in doubt',
  'needs-operator': 'held for a person; not sent again',
  'retry-same-request': 'not done: asked by query, sent again once denied',
  'ambiguous-query-first': 'in doubt: asked by query, sent again once denied',
} as const

const QUERY_WORDS = {
  success: 'known: settled, or asked again later',
  'already-known-query': 'nothing concluded, asked again later',
  'not-found': 'denied: counted; enough denials let it be sent again',
  'needs-operator': 'held for a person',
  'retry-same-request': 'nothing concluded, asked again later',
  'ambiguous-query-first': 'nothing concluded, asked again later',
} as const

/** Stands in the place of the code where none came. */
const NO_CODE = 'none'

/** What counted answers without a return code are called. */
const KINDS: Readonly<Record<string, readonly [meaning: string, did: string]>> = {
  unclear: ['No answer, or one not to be believed', SUBMIT_WORDS['ambiguous-query-first']],
  never_left: ['It never reached the gateway', 'sent again after a wait'],
  inconclusive: ['No answer, or one not to be believed', QUERY_WORDS['ambiguous-query-first']],
}

export interface CodeLine {
  readonly code: string
  readonly meaning: string
  readonly count: number
  readonly did: string
}

/**
 * The answers met by one kind of call, most frequent first.
 *
 * @param counted figures of the ledger, e.g. `submit:accepted:0000`, `query:inconclusive:none`
 */
export function codesMet(call: 'submit' | 'query', counted: Readonly<Record<string, number>>): CodeLine[] {
  const met = new Map<string, number>()
  for (const [field, count] of Object.entries(counted)) {
    const [of, outcome = '', ret_code = NO_CODE] = field.split(':')
    if (of !== call) continue
    const answer = ret_code === NO_CODE ? outcome : ret_code
    met.set(answer, (met.get(answer) ?? 0) + count)
  }
  const lines = [...met].map(([answer, count]) => lineOf(call, answer, count))
  return lines.toSorted((a, b) => b.count - a.count || a.code.localeCompare(b.code))
}

function lineOf(call: 'submit' | 'query', answer: string, count: number): CodeLine {
  const kind = KINDS[answer]
  if (kind) return { code: '-', meaning: kind[0], count, did: kind[1] }
  return { code: answer, count, ...wordsFor(call, answer) }
}

function wordsFor(call: 'submit' | 'query', ret_code: string): Pick<CodeLine, 'meaning' | 'did'> {
  const { meaning, submit, query, conclusive } = returnCode(ret_code)
  if (call === 'query') return { meaning, did: QUERY_WORDS[query] }
  const confirmed = submit === 'terminal-failure' && !conclusive
  return { meaning, did: confirmed ? 'refused: failed once a query confirmed it' : SUBMIT_WORDS[submit] }
}
