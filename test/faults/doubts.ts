import type { Script } from '../../src/simulator/faults.ts'
import { dealt } from './dealt.ts'

/** Ways in which a refund's money moves and nobody is told by the answer. */
const DOUBTS: readonly Script[] = [
  {},
  { submit: ['accept_then_drop'] },
  { submit: ['pay_then_500'], notify: ['lost'] },
  { submit: ['accept_then_timeout'], notify: ['lost'] },
  { notify: ['lost'] },
  { submit: ['drop_before', 'pay_then_500'], notify: ['doubled'] },
]

/** A gateway that leaves five refunds out of six in doubt, each in a way of its own. */
export const inDoubt = dealt(DOUBTS)
