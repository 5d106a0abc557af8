import { returnCode } from '../../src/lianlian/return-codes.ts'
import type { GatewayFields, QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import type { RefundRequest } from '../../src/refund/request.ts'

/** What comes back over the wire, before anything of it is believed. */
export interface WireAnswer {
  /** HTTP 500, or not even a message */
  readonly unreadable?: true
  readonly signature: 'valid' | 'wrong' | 'missing'
  readonly ret_code: string
  readonly no_refund?: string
  readonly fen?: number
  readonly sta_refund?: string
}

interface Reading {
  /** the defence: a signature, the number and the amount are looked at */
  readonly verifies: boolean
}

const fieldsOf = ({ ret_code, sta_refund }: WireAnswer): GatewayFields => ({
  ret_code,
  ...(sta_refund !== undefined && { sta_refund }),
})

/** Why nothing of an answer may be believed, if so. */
function doubt(answer: WireAnswer, request: RefundRequest): string | undefined {
  if (answer.signature === 'wrong') return 'the signature of the answer is wrong'
  if (answer.no_refund !== undefined && answer.no_refund !== request.no_refund) return 'the answer of another refund'
  if (answer.ret_code === '0000' && (answer.signature !== 'valid' || answer.no_refund === undefined)) {
    return '0000 that nobody vouches for'
  }
  return undefined
}

/** The answer to a submit, as `src/lianlian/classify.ts` reads it; the codes are read by its own table. */
export function readSubmit(answer: WireAnswer, request: RefundRequest, { verifies }: Reading): SubmitOutcome {
  if (answer.unreadable) return unclear('an unreadable answer')
  const doubtful = verifies ? doubt(answer, request) : undefined
  if (doubtful !== undefined) return unclear(doubtful)
  if (verifies && answer.fen !== undefined && answer.fen !== request.fen) return unclear('another amount')
  const fields = fieldsOf(answer)
  const { submit, quarantine, hold, conclusive } = returnCode(answer.ret_code)
  switch (submit) {
    case 'success':
      return { kind: 'accepted', fields }
    case 'already-known-query':
      return { kind: 'already_known', fields }
    case 'terminal-failure':
      return { kind: 'refused', conclusive, quarantine, fields }
    case 'needs-operator':
      return { kind: 'needs_operator', hold, quarantine, fields }
    default:
      return { kind: 'unclear', reason: `return code ${answer.ret_code}`, quarantine, fields }
  }
}

/** The answer to a query. */
export function readQuery(answer: WireAnswer, request: RefundRequest, { verifies }: Reading): QueryOutcome {
  if (answer.unreadable) return inconclusive('an unreadable answer')
  const doubtful = verifies ? doubt(answer, request) : undefined
  if (doubtful !== undefined) return inconclusive(doubtful)
  const fields = fieldsOf(answer)
  switch (returnCode(answer.ret_code).query) {
    case 'success':
      return answer.fen === undefined ? inconclusive('no amount') : { kind: 'found', fen: answer.fen, fields }
    case 'not-found':
      return { kind: 'denied', fields }
    case 'needs-operator':
      return { kind: 'needs_operator', fields }
    default:
      return { kind: 'inconclusive', reason: `return code ${answer.ret_code}`, unreachable: false, fields }
  }
}

function unclear(reason: string): SubmitOutcome {
  return { kind: 'unclear', reason, quarantine: 'full', fields: {} }
}

function inconclusive(reason: string): QueryOutcome {
  return { kind: 'inconclusive', reason, unreachable: false, fields: {} }
}
