import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { least } from './environment.ts'

/** A process that starts as every role does, and tells on stdout that it came further. */
function start(env: Record<string, string>) {
  const script = `
    import { exitWithFaults, settingsOrExit } from ${JSON.stringify(new URL('../../config/exit.ts', import.meta.url))}
    const checks = { LIANLIAN_PRIVATE_KEY: (text) => text.startsWith('bad') ? 'not an RSA private key' : undefined }
    const { settings } = settingsOrExit(process.env, { checks })
    if (settings.log.level === 'silent') exitWithFaults(['LOG_LEVEL: too quiet'])
    console.log('started with', settings.gateway.timeoutMs)
  `
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    env,
    encoding: 'utf8',
    timeout: 15_000,
  })
  return { status, stdout, stderr }
}

test('wrong settings end the start with code 1 and one line a fault on stderr, nothing else', () => {
  expect(start({ ...least, GATEWAY_TIMEOUT_MS: '5s', ADMIN_USER: 'sre', LIANLIAN_PRIVATE_KEY: 'bad' })).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'LIANLIAN_PRIVATE_KEY: not an RSA private key\n' +
      'GATEWAY_TIMEOUT_MS: expected a whole number of milliseconds, 1 to 2147483647, got "5s"\n' +
      'ADMIN_PASSWORD: required with ADMIN_USER\n',
  })
})

test('faults found later end it the same way', () => {
  expect(start({ ...least, LOG_LEVEL: 'silent' })).toEqual({ status: 1, stdout: '', stderr: 'LOG_LEVEL: too quiet\n' })
})

test('right settings let it go on', () => {
  expect(start({ ...least, GATEWAY_TIMEOUT_MS: '7' })).toEqual({ status: 0, stdout: 'started with 7\n', stderr: '' })
})
