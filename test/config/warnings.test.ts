import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadOperatorSettings, loadSettings } from '../../config/load.ts'
import { type Access, isSealed, wideFiles } from '../../config/wide-files.ts'
import { least } from './environment.ts'

function warningsOf(env: Readonly<Record<string, string>>, signs = true): readonly string[] {
  const loaded = loadSettings(env, { signs })
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  return loaded.warnings
}

function widthOf(access: Access): string | undefined {
  return wideFiles([{ setting: 'X_FILE', path: '/x' }], () => access)[0]
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'refund-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  return folder
}

test('the defaults give no warning', () => {
  expect(warningsOf(least)).toEqual([])
})

test('a quarantine that a late request may outlast is warned of', () => {
  const env = { ...least, NOT_FOUND_MIN_AGE_MS: '119999' }
  expect(warningsOf(env)).toEqual([expect.stringMatching(/^NOT_FOUND_MIN_AGE_MS: 119999 is less than 4 times/)])
  expect(warningsOf({ ...least, NOT_FOUND_MIN_AGE_MS: '120000' })).toEqual([])
  expect(warningsOf({ ...least, GATEWAY_TIMEOUT_MS: '300000' })).toHaveLength(1)
})

test('a gateway that may be called in the clear is warned of', () => {
  expect(warningsOf({ ...least, ALLOW_INSECURE_GATEWAY: 'true' })).toEqual([
    expect.stringMatching(/^ALLOW_INSECURE_GATEWAY: /),
  ])
})

test('a file is open when every user can read or change it, or a group that its owner does not need', () => {
  const ours = { isOurs: true, isSealed: false }
  expect(widthOf({ mode: 0o600, ...ours })).toBeUndefined()
  expect(widthOf({ mode: 0o400, ...ours })).toBeUndefined()
  expect(widthOf({ mode: 0o611, ...ours })).toBeUndefined()
  expect(widthOf({ mode: 0o644, ...ours })).toBe(
    'X_FILE: every user of this machine can read the file (mode 0644): chmod 400',
  )
  expect(widthOf({ mode: 0o666, ...ours })).toMatch('every user of this machine can read and change the file')
  expect(widthOf({ mode: 0o602, ...ours })).toMatch('every user of this machine can change the file')
  expect(widthOf({ mode: 0o640, ...ours })).toBe('X_FILE: its group can read the file (mode 0640): chmod 400')
})

test('a file that Kubernetes or Swarm laid out for the container is not warned of', () => {
  const theirs = { isOurs: false, isSealed: false }
  // by fsGroup: the group is how the process reads it
  expect(widthOf({ mode: 0o440, ...theirs })).toBeUndefined()
  expect(widthOf({ mode: 0o644, isOurs: false, isSealed: true })).toBeUndefined()
  expect(widthOf({ mode: 0o444, isOurs: true, isSealed: true })).toBeUndefined()
  expect(widthOf({ mode: 0o644, ...theirs })).toMatch('every user')
})

test('sealed is what lies in memory and is mounted read-only, and nothing else', () => {
  const mounts = [
    '22 1 0:20 / / ro,relatime - overlay overlay rw',
    '30 22 0:40 / /run rw,nosuid - tmpfs tmpfs rw',
    '31 30 0:41 / /run/secrets/merchants ro,relatime - tmpfs tmpfs rw,size=1024k',
    '32 30 8:1 /keys/one /run/secrets/lianlian ro,relatime shared:1 - ext4 /dev/sda1 rw',
    '33 31 0:42 / /run/secrets/merchants/over rw - tmpfs tmpfs rw',
  ].join('\n')
  expect(isSealed('/run/secrets/merchants/..2026_11_22/own.pem', mounts)).toBe(true)
  expect(isSealed('/run/secrets/merchants', mounts)).toBe(true)
  expect(isSealed('/run/secrets/merchants2/own.pem', mounts)).toBe(false)
  expect(isSealed('/run/secrets/merchants/over/own.pem', mounts)).toBe(false)
  expect(isSealed('/run/secrets/lianlian', mounts)).toBe(false)
  expect(isSealed('/run/secrets/own.pem', mounts)).toBe(false)
  expect(isSealed('/keys/own.pem', mounts)).toBe(false)
  expect(isSealed('/keys/own.pem', '')).toBe(false)
})

test.skipIf(process.platform === 'win32')(
  'every file that holds a secret is looked at, through links, and no other',
  () => {
    const merchants = [
      { oid_partner: '201103171000000000', privateKeyFile: ['wide.pem', 'narrow.pem'], publicKeyFile: 'public.pem' },
      { oid_partner: '201408071000001543', privateKey: 'in the file itself' },
    ]
    const folder = folderOf({
      'wide.pem': 'a',
      'narrow.pem': 'b',
      'public.pem': 'c',
      'merchants.json': JSON.stringify({ merchants }),
      'settings.json': JSON.stringify({ ADMIN_PASSWORD: 'p' }),
      'redis-url': 'redis://h',
      level: 'info',
    })
    for (const name of ['wide.pem', 'public.pem', 'merchants.json', 'settings.json', 'redis-url', 'level']) {
      chmodSync(join(folder, name), 0o644)
    }
    symlinkSync('redis-url', join(folder, 'link'))
    const env = {
      REDIS_URL_FILE: join(folder, 'link'),
      MERCHANTS_FILE: join(folder, 'merchants.json'),
      CONFIG_FILE: join(folder, 'settings.json'),
      LOG_LEVEL_FILE: join(folder, 'level'),
      ADMIN_USER: 'sre',
    }
    const expected = ['REDIS_URL_FILE', 'CONFIG_FILE', 'MERCHANTS_FILE', 'MERCHANTS_FILE: merchants[0].privateKeyFile']
    const named = (warnings: readonly string[]) => warnings.map((warning) => warning.replace(/: every user.*/, ''))
    expect(named(warningsOf(env))).toEqual(expected)
    expect(named(warningsOf(env, false)), 'also by those who do not read the keys').toEqual(expected)
    const operator = loadOperatorSettings(env)
    expect(operator.ok && named(operator.warnings)).toEqual(expected)
    expect(warningsOf(env).join('\n')).not.toContain(folder)
  },
)
