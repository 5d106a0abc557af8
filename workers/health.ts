import { hostname } from 'node:os'
import { settingsOrExit } from '../config/exit.ts'
import { aliveIndex } from '../src/ledger/alive.ts'
import { ledgerKeys } from '../src/ledger/keys.ts'
import { connectRedis } from '../src/redis/connection.ts'
import { addressOf } from './parts.ts'

/** A container's health check: exit code 0 when a worker of this host was heard of lately. */
const HEARD_WITHIN_MS = 20_000

const settings = settingsOrExit(process.env)
const redis = connectRedis(addressOf(settings), 'hasty', () => {})
try {
  const alive = await aliveIndex(redis, ledgerKeys(settings.ledger.prefix)).aliveSince(Date.now() - HEARD_WITHIN_MS)
  process.exitCode = alive.some((process) => process.startsWith(`${hostname()}:`)) ? 0 : 1
} catch {
  process.exitCode = 1
} finally {
  redis.disconnect()
}
