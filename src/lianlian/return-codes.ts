import type { Quarantine } from '../refund/outcome.ts'
import { type QueryClass, RETURN_CODE_TABLE, type SubmitClass } from './return-code-table.ts'

export interface ReturnCode {
  readonly ret_code: string
  readonly meaning: string
  readonly submit: SubmitClass
  readonly query: QueryClass
  readonly quarantine: Quarantine
  /** what a needs-operator code waits for */
  readonly hold: 'insufficient_balance' | 'configuration'
  /** false: a definite refusal that may speak about other refunds too, so that it never ends one by itself */
  readonly conclusive: boolean
}

const HOLDS_FOR_BALANCE: ReadonlySet<string> = new Set(['5006', '9104'])

// 5007 says that all refunds of the order together would be too much. An earlier attempt with the same number whose
// fate is unknown may be the very refund that used up the amount.
const NEVER_CONCLUSIVE: ReadonlySet<string> = new Set(['5007'])

const CODES: ReadonlyMap<string, ReturnCode> = new Map(
  RETURN_CODE_TABLE.map(([ret_code, meaning, submit, query, quarantine]) => [
    ret_code,
    {
      ret_code,
      meaning,
      submit,
      query,
      quarantine,
      hold: HOLDS_FOR_BALANCE.has(ret_code) ? 'insufficient_balance' : 'configuration',
      conclusive: !NEVER_CONCLUSIVE.has(ret_code),
    },
  ]),
)

/** A code that is not listed is unknown: never success, never failure. */
export function returnCode(ret_code: string): ReturnCode {
  return (
    CODES.get(ret_code) ?? {
      ret_code,
      meaning: 'Not a documented code',
      submit: 'ambiguous-query-first',
      query: 'ambiguous-query-first',
      quarantine: 'full',
      hold: 'configuration',
      conclusive: false,
    }
  )
}
