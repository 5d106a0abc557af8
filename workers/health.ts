import { hostname } from 'node:os'
import { exitWithFaults } from '../config/exit.ts'
import { loadStoreSettings } from '../config/load.ts'
import { aliveIndex } from '../src/ledger/alive.ts'
import { ledgerKeys } from '../src/ledger/keys.ts'
import { addressOf, connectRedis } from '../src/redis/connection.ts'

/** A container's health check: exit code 0 when a worker of this host was heard of lately. */

// a fault in settings of merchants stops no process that is at work, so it is no reason to end one
const loaded = loadStoreSettings(process.env)
if (!loaded.ok) exitWithFaults(loaded.faults)
const { settings } = loaded
const redis = connectRedis(addressOf(settings.redis.connection), 'hasty', () => {})
try {
  const alive = await aliveIndex(redis, ledgerKeys(settings.ledger.prefix)).alive()
  process.exitCode = alive.some(({ host }) => host === hostname()) ? 0 : 1
} catch {
  process.exitCode = 1
} finally {
  redis.disconnect()
}
