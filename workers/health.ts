import { hostname } from 'node:os'
import { settingsOrExit } from '../config/exit.ts'
import { aliveIndex } from '../src/ledger/alive.ts'
import { ledgerKeys } from '../src/ledger/keys.ts'
import { addressOf, connectRedis } from '../src/redis/connection.ts'

/** A container's health check: exit code 0 when a worker of this host was heard of lately. */

const settings = settingsOrExit(process.env)
const redis = connectRedis(addressOf(settings.redis.connection), 'hasty', () => {})
try {
  const alive = await aliveIndex(redis, ledgerKeys(settings.ledger.prefix)).alive()
  process.exitCode = alive.some(({ host }) => host === hostname()) ? 0 : 1
} catch {
  process.exitCode = 1
} finally {
  redis.disconnect()
}
