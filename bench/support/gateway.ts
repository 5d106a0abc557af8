import { z } from 'zod'
import type { Stage } from './stage.ts'

const book = z.object({ calls: z.number(), doubled: z.number(), forged: z.number() })

/** The bench's gateway, see `../gateway.ts`. */
export async function startGateway(stage: Stage) {
  const program = await stage.program({
    program: 'gateway',
    env: { BENCH_GATEWAY_KEY: stage.gateway.privateKey, BENCH_MERCHANT_PUBLIC_KEY: stage.merchant.publicKey },
  })
  const port = await program.ask('port', z.number())
  return {
    urlFor: (side: string, mode: Mode) => `http://127.0.0.1:${port}/${mode}/${side}`,
    /** Signs the answers to these refunds beforehand. */
    prepare: (from: number, count: number, mode: Mode = 'paid') =>
      program.ask('prepare', z.null(), { from, count, mode }),
    /** how many refunds the side has submitted */
    submitted: (side: string) => program.ask('submitted', z.number(), side),
    usage: () => program.usage(),
    /** @throws Error when a refund was sent twice, or a request was not signed */
    async check(): Promise<void> {
      const { doubled, forged } = await program.ask('book', book)
      if (doubled > 0 || forged > 0) throw new Error(`the gateway met ${doubled} doubled and ${forged} forged refunds`)
    },
  }
}

export type Mode = 'paid' | 'accepted' | 'silent'
export type BenchGateway = Awaited<ReturnType<typeof startGateway>>
