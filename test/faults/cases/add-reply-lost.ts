import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { proxiedRedis } from '../proxied-redis.ts'

const LOST = 20

export const addReplyLost: FaultCase = {
  number: 10,
  title: "the reply to the producer's add is lost",
  async play(open) {
    const redis = await proxiedRedis('producer')
    const stage = await open({ redis, simulator: { scriptFor: inDoubt }, settings: PATIENT })
    for (let lost = 0; lost < LOST; lost += 1) {
      const no_refund = `R${String(lost).padStart(4, '0')}`
      await stage.connection.ping()
      const cut = redis.loseReplyTo((request) => request.includes(`"no_refund":"${no_refund}"`))
      await Promise.all([cut, stage.add(no_refund)])
    }
    const jobs = await stage.refunds.getWaitingCount()
    if (jobs <= LOST) throw new Error(`${jobs} jobs of ${LOST} refunds: nothing was sent again`)
    // side by side, each with room for all: both jobs of a refund are taken at once
    await stage.start()
    await stage.start()
  },
}
