import { ANSWER_FALSE, ANSWER_SPOILT, type Script } from '../../../src/simulator/faults.ts'
import { DENIED, dealt, mustHaveMet, PATIENT, withAndWithoutNotice } from '../dealt.ts'
import type { FaultCase } from '../fault-case.ts'
import type { Event } from '../subscriber.ts'

const KINDS: readonly Script[] = [
  // the gateway has the refund, and how it ends is not to be read from a spoilt answer
  ...ANSWER_SPOILT.map((fault) => ({ submit: [fault] })),
  ...ANSWER_SPOILT.map((fault) => ({ submit: [fault], final: '3' as const, ...DENIED })),
  // the gateway has nothing: who believes the answer takes for paid what never was
  ...ANSWER_FALSE.map((fault) => ({ submit: [fault] })),
  ...ANSWER_FALSE.map((fault) => ({ submit: [fault, fault, 'accept_then_drop' as const] })),
  { submit: [...ANSWER_FALSE], final: '3' },
  // another amount in a signed answer to a query is apart: that is for a person
  ...ANSWER_SPOILT.filter((fault) => fault !== 'wrong_amount').map((fault) => ({
    submit: ['accept_then_drop' as const],
    query: [fault, fault],
  })),
  // on a refusal
  { submit: ['bad_signature'], refusal: '5008' },
  { submit: ['malformed_json'], refusal: '5003' },
]

/** Stops the refund for a person; what a later query says by itself settles it nevertheless. */
const MISMATCH: Script = {
  submit: ['accept_then_drop'],
  query: ['wrong_amount', 'wrong_amount', 'wrong_amount'],
  notify: ['lost'],
}

export const answersNotToBeBelieved: FaultCase = {
  number: 23,
  title: "malformed JSON, bad signature, another refund's number or another amount in the answer",
  async play(open) {
    const kinds = withAndWithoutNotice(KINDS)
    const mismatches = dealt([MISMATCH, { ...MISMATCH, final: '3' }])
    const stage = await open({
      settings: PATIENT,
      simulator: {
        // a slow body that comes in time: what it says holds
        slowBodyMs: 300,
        scriptFor: (no_refund) => (no_refund.startsWith('M') ? mismatches : dealt(kinds))(no_refund),
      },
    })
    await Promise.all([stage.start(), stage.start({ roles: ['submit', 'query', 'publish'] })])
    const numbers = await stage.addMany(kinds.length * 2)
    const mismatched = await stage.addMany(6, 'M')
    await stage.completed([...numbers, ...mismatched])
    const stopped = ({ type, subject }: Event) => type === 'refund.held' && mismatched.includes(subject)
    if (![...stage.subscriber.events.values()].some(stopped)) throw new Error('another amount stopped nothing')
    const { submits, queries } = stage.simulator.summary()
    mustHaveMet(submits, ...ANSWER_SPOILT, ...ANSWER_FALSE)
    mustHaveMet(queries, ...ANSWER_SPOILT)
  },
}
