import { z } from 'zod'
import type { Stage } from './stage.ts'

const sent = z.object({ at: z.array(z.number()), ms: z.array(z.number()), seconds: z.number() })
export type Sent = z.infer<typeof sent>

/** The gateway's notifications, see `../notifier.ts`. */
export async function startNotifier(stage: Stage) {
  const program = await stage.program({
    program: 'notifier',
    env: { BENCH_GATEWAY_KEY: stage.gateway.privateKey },
  })
  return {
    prepare: (from: number, count: number) => program.ask('prepare', z.null(), { from, count }),
    /** Sends what was prepared; without `perSecond` as fast as it is acknowledged. */
    send: (to: { readonly port: number; readonly perSecond?: number }): Promise<Sent> => program.ask('send', sent, to),
  }
}
