import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { gatewayKeys, merchantKeys, PARTNER } from '../e2e/settings.ts'
import { watch } from '../e2e/worker-process.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { testNamespace } from '../support/redis.ts'

test('a SIGHUP ends no process that is only about to start, is made up for, and ends none that stops', async () => {
  const { queuePrefix, ledgerPrefix, redisUrl } = testNamespace()
  const env = {
    ...programEnvironment,
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: queuePrefix,
    LEDGER_PREFIX: ledgerPrefix,
    LIANLIAN_OID_PARTNER: PARTNER,
    LIANLIAN_PRIVATE_KEY: merchantKeys.privateKey,
    LIANLIAN_PUBLIC_KEY: gatewayKeys.publicKey,
  }
  const file = fileURLToPath(new URL('hung-up.ts', import.meta.url))
  const worker = watch(file, spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'], env }))
  cleanUp(() => worker.signal('SIGKILL'))
  await worker.started()
  await eventually(() => worker.log().some(({ msg, why }) => msg === 'settings loaded anew' && why === 'SIGHUP'))
  worker.signal('SIGTERM')
  await eventually(() => worker.log().some(({ msg }) => msg === 'stopping'))
  worker.signal('SIGHUP')
  expect(await worker.ended).toEqual({ code: 0, signal: null })
})
