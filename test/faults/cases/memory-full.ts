import { setTimeout as sleep } from 'node:timers/promises'
import { FAST } from '../../e2e/settings.ts'
import { eventually } from '../../support/eventually.ts'
import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { startLoad } from '../load.ts'
import { errorsTold } from '../redis-facts.ts'

const LOCK_MS = Number(FAST.LOCK_DURATION_MS)

export const memoryFull: FaultCase = {
  number: 19,
  title: 'maxmemory reached',
  async play(open) {
    const stage = await open({ simulator: { scriptFor: inDoubt, latencyMs: [0, 300] }, settings: PATIENT })
    const { connection } = stage
    const publisher = await stage.start({ stopAt: ['before_publish'] })
    await stage.start({ roles: ['submit', 'query'] })
    const load = startLoad(stage, { hands: 8, mostOpen: 300 })
    // the first ends soon; the second outlasts the locks
    for (const atLeastMs of [0, LOCK_MS + 500]) {
      const taken = load.acknowledged()
      await eventually(() => load.acknowledged() >= taken + 40, { timeoutMs: 120_000 })
      const [errors, refused] = [await errorsTold(connection, 'OOM'), load.refused()]
      // it has taken events and cannot get rid of them
      await publisher.reached('before_publish')
      const used = Number(/^used_memory:(\d+)/m.exec(await connection.info('memory'))?.[1])
      await connection.config('SET', 'maxmemory', used)
      publisher.go('before_publish')
      // of the workers' too, not only of the producer's
      await eventually(async () => (await errorsTold(connection, 'OOM')) - errors > 20 + load.refused() - refused, {
        timeoutMs: 120_000,
      })
      await sleep(atLeastMs)
      await connection.config('SET', 'maxmemory', 0)
    }
    await load.stop()
  },
}
