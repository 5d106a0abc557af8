import { type Context, commit, type Decision, keep } from '../decision.ts'
import type { Notice, ObservationOf } from '../observation.ts'
import { isFinal } from '../record.ts'
import { addHold, sentByAnother, withAnswer } from './changes.ts'
import { applyFact, contradict, settledState } from './settle.ts'

/** A verified notification about a number that has a record. */
export function noticed(context: Context, { notice }: ObservationOf<'notice'>): Decision {
  const { record, moment } = context
  if (isFinal(record)) return noticedFinal(context, notice)
  if (record.state === 'waiting') {
    const foreign = sentByAnother(withAnswer(record, notice.fields), moment.now)
    const held = addHold(foreign, 'contradiction', context)
    return commit(context, held, 'notice', { note: 'a notification of a refund that was never sent' })
  }

  const mismatch = differs(context, notice)
  if (mismatch !== undefined) return holdMismatch(context, mismatch)
  if (!isComplete(notice)) return askAtOnce(context)
  return applyFact(context, { observation: 'notice', settled_by: 'notification', fields: notice.fields })
}

function noticedFinal(context: Context, notice: Notice): Decision {
  const mismatch = context.record.request ? differs(context, notice) : undefined
  if (mismatch !== undefined && settledState(notice.fields))
    return contradict(context, 'notice', mismatch, notice.fields)
  return applyFact(context, { observation: 'notice', settled_by: 'notification', fields: notice.fields })
}

function holdMismatch(context: Context, note: string): Decision {
  const { record } = context
  if (record.holds.includes('amount_mismatch')) return keep(`duplicate: ${note}`)
  return commit(context, addHold(record, 'amount_mismatch', context), 'notice', { note })
}

/** Settles nothing by itself; a request under way is left to its own answer. */
function askAtOnce(context: Context): Decision {
  const { record, moment } = context
  const note = 'a notification that settles nothing by itself: asked at once'
  if (record.state === 'sending') return keep(note)
  const { job: _job, ...rest } = record
  return commit(context, { ...rest, next_look: moment.now }, 'notice', { note })
}

/** Most notifications carry no ret_code; one that says that the call went wrong settles nothing. */
function isComplete({ fen, dt_refund, fields }: Notice): boolean {
  const { sta_refund, ret_code = '0000' } = fields
  return fen !== undefined && dt_refund !== undefined && sta_refund !== undefined && ret_code === '0000'
}

function differs({ record }: Context, notice: Notice): string | undefined {
  if (notice.fen !== undefined && notice.fen !== record.request?.fen) {
    return `a notification of another amount, ${notice.fen} fen`
  }
  if (notice.dt_refund !== undefined && notice.dt_refund !== record.request?.dt_refund) {
    return `a notification of another dt_refund, ${notice.dt_refund}`
  }
  return undefined
}
