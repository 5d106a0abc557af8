import { setTimeout as sleep } from 'node:timers/promises'
import type { Script } from '../../../src/simulator/faults.ts'
import { eventually } from '../../support/eventually.ts'
import { singleRedis } from '../case-redis.ts'
import type { FaultCase } from '../fault-case.ts'
import type { Stage } from '../stage.ts'
import { WITHIN } from '../worker-log.ts'
import type { WorkerUnderTest } from '../worker-under-test.ts'

/** One clock is right; the others run ahead and behind. */
const CLOCKS_MS = [0, 7 * 60_000, -7 * 60_000] as const
/** A bound for what is under way, and all of it where Redis is away. */
const PATIENT_GRACE_MS = 20_000
const AWAY_GRACE_MS = 2_000

/** Just below the quarantine of the suite's settings: whoever measures it with a clock of his own pays twice. */
const DENIED_MS = 290

/** Slow, lost and late: the calls that a stop comes in between. */
const SCRIPTS: readonly Script[] = [
  { submit: ['accept_then_drop'], deny_queries_for: DENIED_MS, notify: ['lost'] },
  { submit: ['accept_then_timeout'], deny_queries_for: DENIED_MS, notify: ['lost'] },
  { submit: ['drop_before'], notify: ['lost'] },
  { submit: ['slow_body'] },
  { submit: ['9999'], query: ['timeout'] },
  {},
]

export const rollingRestart: FaultCase = {
  number: 25,
  title: 'rolling restart under load: slow calls, Redis away during a close, clocks off by minutes',
  async play(open) {
    const redis = await singleRedis()
    const stage = await open({
      redis,
      // a machine under load must be able to keep up with what is asked again
      settings: { RETRY_BASE_MS: '200', RETRY_CAP_MS: '3000', GATEWAY_TIMEOUT_MS: '2000' },
      simulator: {
        latencyMs: [50, 500],
        slowBodyMs: 800,
        scriptFor: (no_refund) => SCRIPTS[Number(no_refund.slice(1)) % SCRIPTS.length],
      },
    })
    const start = async (clockOffsetMs: number, graceMs: number) =>
      stage.start({ clockOffsetMs, settings: { SHUTDOWN_GRACE_MS: String(graceMs) } })
    const fleet: WorkerUnderTest[] = []
    for (const offset of CLOCKS_MS) fleet.push(await start(offset, offset === 0 ? AWAY_GRACE_MS : PATIENT_GRACE_MS))

    const load = startLoad(stage)
    for (const old of fleet) {
      await eventually(async () => (await stage.refunds.getActiveCount()) > 0, WITHIN)
      const away = old.plan.clockOffsetMs === 0
      if (away) redis.server.freeze()
      old.signal('SIGTERM')
      await eventually(() => old.hasEnded(), { timeoutMs: 2 * PATIENT_GRACE_MS })
      if (away) redis.server.thaw()
      const { code } = await old.ended
      if (code !== 0) throw new Error(`a worker ended with ${code}`)
      const inTime = old.stdout().includes('"msg":"stopped"')
      if (inTime === away) throw new Error(away ? 'Redis was not away' : 'what was under way was not ended')
      await start(old.plan.clockOffsetMs ?? 0, PATIENT_GRACE_MS)
    }
    await load.stop()
  },
}

/** A producer that goes on through all of it. */
function startLoad(stage: Stage) {
  const ended = new AbortController()
  const running = (async () => {
    for (let index = 0; !ended.signal.aborted; index++) {
      await stage.add(`R${String(index).padStart(4, '0')}`)
      await sleep(50)
    }
  })()
  return {
    async stop() {
      ended.abort()
      await running
    },
  }
}
