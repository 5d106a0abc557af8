import type { Script } from '../../../src/simulator/faults.ts'
import { DENIED, dealt, mustHaveMet, PATIENT, withAndWithoutNotice } from '../dealt.ts'
import type { FaultCase } from '../fault-case.ts'

const KINDS: readonly Script[] = [
  { submit: ['accept_then_drop'] },
  { submit: ['accept_then_drop'], ...DENIED },
  { submit: ['accept_then_drop'], ...DENIED, query: ['drop_before', 'slow_body'] },
  { submit: ['accept_then_drop'], final: '3' },
  // what was never taken looks the same, and must be sent again
  { submit: ['drop_before'] },
  { submit: ['drop_before', 'drop_before', 'accept_then_drop'], ...DENIED },
  { submit: ['slow_body'] },
  { submit: ['slow_body'], ...DENIED, query: ['timeout'] },
  { submit: ['accept_then_timeout'], ...DENIED },
  { submit: ['timeout', 'accept_then_timeout'] },
  { query: ['drop_before', 'slow_body', 'timeout'] },
]

export const answerLostAfterAcceptance: FaultCase = {
  number: 21,
  title: 'the gateway accepts, then drops the socket; slow body',
  async play(open) {
    // a slow body takes longer than a worker waits for it
    const stage = await open({
      settings: PATIENT,
      simulator: { scriptFor: dealt(withAndWithoutNotice(KINDS)), slowBodyMs: 3000 },
    })
    await Promise.all([stage.start(), stage.start({ roles: ['submit', 'query', 'publish'] })])
    await stage.completed(await stage.addMany(22 * 6))
    const { submits, queries } = stage.simulator.summary()
    mustHaveMet(submits, 'accept_then_drop', 'accept_then_timeout', 'drop_before', 'timeout', 'slow_body')
    mustHaveMet(queries, 'drop_before', 'slow_body', 'timeout')
  },
}
