import { hostname } from 'node:os'
import type { Ledger } from '../src/ledger/ledger.ts'
import { loop } from './loop.ts'
import type { Parts } from './parts.ts'
import type { Role } from './roles.ts'

const BEAT_MS = 5_000

/**
 * Says that this process is at work, with which settings of merchants, and what it used their keys for: for health checks,
 * the status page and `refundctl keys`.
 *
 * @param faults how many the settings have now
 */
export function beat(parts: Parts, names: readonly Role[], faults: () => number): void {
  const ledger = parts.ledger(parts.connect('heartbeat', 'hasty'))
  const name = `${hostname()}:${process.pid}:${names.join('+')}`
  const stop = loop('heartbeat', parts.log, async () => {
    await ledger.beat(name)
    await tell(parts, ledger, name, faults())
    return BEAT_MS
  })
  parts.lifecycle.onStop('heartbeat', async () => {
    await stop()
    await tell(parts, ledger, name, faults())
    await ledger.forgetSettings(name)
    await ledger.gone(name)
  })
}

async function tell({ merchants }: Parts, ledger: Ledger, name: string, faults: number): Promise<void> {
  const keys = merchants.keyBook.take()
  try {
    await ledger.tellSettings(name, { digest: merchants.digest(), faults, keys })
  } catch (error) {
    merchants.keyBook.giveBack(keys)
    throw error
  }
}
