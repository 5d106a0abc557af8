import { eventually } from '../../support/eventually.ts'
import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { startLoad } from '../load.ts'
import { errorsTold } from '../redis-facts.ts'

export const scriptsFlushed: FaultCase = {
  number: 18,
  title: 'SCRIPT FLUSH under load',
  async play(open) {
    const stage = await open({ simulator: { scriptFor: inDoubt }, settings: PATIENT })
    const { connection } = stage
    await stage.start()
    await stage.start()
    const before = await errorsTold(connection, 'NOSCRIPT')
    const load = startLoad(stage, { hands: 8 })
    await eventually(
      async () => {
        await connection.script('FLUSH', 'SYNC')
        return load.acknowledged() >= 120 && (await errorsTold(connection, 'NOSCRIPT')) >= before + 120
      },
      { timeoutMs: 120_000, intervalMs: 10 },
    )
    await load.stop()
  },
}
