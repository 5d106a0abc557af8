/** The simulated gateway as a process of its own, known by what it writes: its log of events and its book of money. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { DemoOptions } from './arguments.ts'
import { type Child, startChild } from './child.ts'
import type { Movement } from './judge.ts'
import { tail } from './tail.ts'
import { NOTIFY_REPEAT_MS, QUARANTINE, SETTLE_MS } from './timing.ts'

export interface GatewayFigures {
  readonly submits: number
  /** submits of a number that had been submitted before */
  readonly repeats: number
  readonly queries: number
  /** deliveries of notifications, true or not */
  readonly notified: number
  readonly acknowledged: number
  readonly forged: number
  /** must stay 0 */
  readonly forgedAcknowledged: number
  /** calls whose answer was lost or spoilt on purpose, or that were answered with a fault */
  readonly faults: number
  /** when anything but a query happened last, epoch ms */
  readonly lastAt: number
}

export interface Gateway {
  readonly child: Child
  readonly url: string
  figures(): GatewayFigures
  /** every movement of money so far */
  book(): Movement[]
  stop(): Promise<void>
}

interface GatewayPlace {
  readonly folder: string
  readonly oid_partner: string
  readonly merchantPublicKeyFile: string
  /** written by the gateway */
  readonly publicKeyFile: string
  readonly env: Readonly<Record<string, string>>
}

const movement = z.object({ no_refund: z.string(), fen: z.number().int() })
const listening = z.looseObject({ event: z.literal('listening'), url: z.string() })
const happened = z.looseObject({
  time: z.string(),
  event: z.string(),
  no_refund: z.string().optional(),
  fault: z.string().optional(),
  message: z.string().optional(),
  acknowledged: z.boolean().optional(),
})
type Happened = z.infer<typeof happened>

/**
 * Starts the gateway. A process of its own, so that neither the producer nor the display slows its answers down, and so
 * that its book is written by somebody who shares nothing with the workers.
 */
export async function startGateway(options: DemoOptions, place: GatewayPlace, signal: AbortSignal): Promise<Gateway> {
  const { folder, oid_partner, merchantPublicKeyFile, publicKeyFile, env } = place
  const bookFile = join(folder, 'gateway-book.jsonl')
  const settings = {
    'oid-partner': oid_partner,
    'merchant-public-key': merchantPublicKeyFile,
    'write-public-key': publicKeyFile,
    port: '0',
    faults: options.faults,
    seed: String(options.seed),
    repeated: options.repeated,
    'quarantine-ms': String(QUARANTINE.shortMs),
    'settle-ms': `${SETTLE_MS.least}-${SETTLE_MS.most}`,
    'latency-ms': '2-30',
    'notify-repeat-ms': String(NOTIFY_REPEAT_MS),
    book: bookFile,
  }
  const child = startChild({
    name: 'gateway',
    program: 'src/simulator/main.ts',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    env,
    logFile: join(folder, 'gateway.log'),
  })
  const log = tail(child.logFile)
  const stop = async (): Promise<void> => {
    log.close()
    await child.stop()
  }
  try {
    const { url } = await child.line((line) => listening.safeParse(jsonOf(line)).data, signal)
    return { child, url, figures: figuresOf(log), book: () => readBook(bookFile), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function figuresOf(log: ReturnType<typeof tail>): () => GatewayFigures {
  const submitted = new Set<string>()
  const counts = { submits: 0, repeats: 0, queries: 0, notified: 0, acknowledged: 0, forged: 0 }
  let [forgedAcknowledged, faults, lastAt] = [0, 0, 0]

  function count({ event, no_refund = '', fault, message, acknowledged, time }: Happened): void {
    if (event !== 'query') lastAt = Date.parse(time)
    if (fault !== undefined) faults += 1
    switch (event) {
      case 'submit':
        counts.submits += 1
        if (submitted.has(no_refund)) counts.repeats += 1
        submitted.add(no_refund)
        break
      case 'query':
        counts.queries += 1
        break
      case 'notified':
        counts.notified += 1
        if (acknowledged === true) counts.acknowledged += 1
        if (message === 'forged') counts.forged += 1
        if (message === 'forged' && acknowledged === true) forgedAcknowledged += 1
        break
    }
  }

  return () => {
    for (const line of log.next()) {
      const read = happened.safeParse(jsonOf(line))
      if (read.success) count(read.data)
    }
    return { ...counts, forgedAcknowledged, faults, lastAt }
  }
}

function readBook(file: string): Movement[] {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    // not there before the first movement
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => movement.parse(JSON.parse(line)))
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
