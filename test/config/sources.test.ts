import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeSettings } from '../../config/effective.ts'
import { loadSettings } from '../../config/load.ts'
import { settingNames } from '../../config/schema.ts'
import { cleanUp } from '../support/clean-up.ts'
import { faultsOf, filesOf, least, settingsOf, withConfigFile } from './environment.ts'

const CONFIG_FILE = 'settings.json'

describe('rank', () => {
  const readFile = filesOf({ timeout: '20\n', [CONFIG_FILE]: '{"GATEWAY_TIMEOUT_MS": 30, "LOG_LEVEL": "warn"}' })
  const timeoutOf = (overrides: Record<string, string>) => settingsOf(overrides, { readFile }).gateway.timeoutMs

  test('the environment is above the file, the file above the default', () => {
    expect(timeoutOf({ CONFIG_FILE, GATEWAY_TIMEOUT_MS: '10' })).toBe(10)
    expect(timeoutOf({ CONFIG_FILE })).toBe(30)
    expect(timeoutOf({})).toBe(30_000)
  })

  test('X_FILE in the environment is above CONFIG_FILE', () => {
    expect(timeoutOf({ CONFIG_FILE, GATEWAY_TIMEOUT_MS_FILE: 'timeout' })).toBe(20)
  })

  test('empty text in the environment counts as unset', () => {
    expect(timeoutOf({ CONFIG_FILE, GATEWAY_TIMEOUT_MS: '' })).toBe(30)
    expect(timeoutOf({ CONFIG_FILE, GATEWAY_TIMEOUT_MS: '', GATEWAY_TIMEOUT_MS_FILE: 'timeout' })).toBe(20)
    expect(timeoutOf({ CONFIG_FILE: '', GATEWAY_TIMEOUT_MS_FILE: '' })).toBe(30_000)
  })

  test('the listing tells where a value comes from', () => {
    const env = { ...least, CONFIG_FILE, GATEWAY_TIMEOUT_MS_FILE: 'timeout' }
    const listed = describeSettings(env, readFile)
    expect(listed).toContainEqual({ name: 'GATEWAY_TIMEOUT_MS', value: '20', source: 'env' })
    expect(listed).toContainEqual({ name: 'LOG_LEVEL', value: 'warn', source: 'file' })
    expect(listed).toContainEqual({ name: 'QUEUE_PREFIX', value: 'bull', source: 'default' })
    expect(listed).toContainEqual({ name: 'ADMIN_USER', source: 'default' })
  })
})

describe('X_FILE', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'

  test('gives the text of a file without the final line feed, from a real file too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'))
    cleanUp(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'key.pem')
    writeFileSync(path, `${key}\n`)
    const settings = settingsOf({ LIANLIAN_PRIVATE_KEY: '', LIANLIAN_PRIVATE_KEY_FILE: path })
    expect(settings.merchants[0].privateKey?.reveal()).toBe(key)
  })

  test('drops one line feed only, CRLF as well', () => {
    const readFile = filesOf({ crlf: 'secret\r\n', two: 'secret\n\n' })
    const passwordOf = (path: string) =>
      settingsOf({ ADMIN_USER: 'sre', ADMIN_PASSWORD_FILE: path }, { readFile }).admin.auth?.password.reveal()
    expect(passwordOf('crlf')).toBe('secret')
    expect(passwordOf('two')).toBe('secret\n')
  })

  test('works for every setting but MERCHANTS_FILE', () => {
    const names = settingNames.filter((name) => name !== 'MERCHANTS_FILE')
    for (const name of names)
      expect(faultsOf({ [name]: '', [`${name}_FILE`]: 'gone' })).toContain(
        `${name}_FILE: cannot read the file that it names (ENOENT)`,
      )
    expect(faultsOf({ MERCHANTS_FILE_FILE: 'gone' })).toEqual([])
  })

  test('excludes X', () => {
    const readFile = filesOf({ level: 'warn' })
    expect(faultsOf({ LOG_LEVEL: 'info', LOG_LEVEL_FILE: 'level' }, { readFile })).toEqual([
      'LOG_LEVEL: set it or LOG_LEVEL_FILE, not both',
    ])
  })

  test('of an unreadable or empty file is one fault, which does not show the path', () => {
    const readFile = filesOf({ empty: '\n' })
    const of = (path: string) => faultsOf({ LIANLIAN_PRIVATE_KEY: '', LIANLIAN_PRIVATE_KEY_FILE: path }, { readFile })
    expect(of(key)).toEqual(['LIANLIAN_PRIVATE_KEY_FILE: cannot read the file that it names (ENOENT)'])
    expect(of('empty')).toEqual(['LIANLIAN_PRIVATE_KEY_FILE: the file that it names is empty'])
  })

  test('in CONFIG_FILE gives the value, unless the environment does', () => {
    const options = withConfigFile({ LOG_LEVEL_FILE: 'level', ADMIN_USER_FILE: 'gone' }, { level: 'warn' })
    expect(settingsOf({ CONFIG_FILE, ADMIN_USER: 'sre', ADMIN_PASSWORD: 'x' }, options).log.level).toBe('warn')
    expect(faultsOf({ CONFIG_FILE, ADMIN_PASSWORD: 'x' }, options)).toEqual([
      'ADMIN_USER_FILE: cannot read the file that it names (ENOENT)',
    ])
  })
})

describe('CONFIG_FILE', () => {
  const faults = (content: unknown) => faultsOf({ CONFIG_FILE }, withConfigFile(content))

  test('takes texts, and numbers and booleans where the setting is of that kind', () => {
    const content = {
      GATEWAY_TIMEOUT_MS: '5',
      RETRY_JITTER: 0.25,
      SUBMIT_CONCURRENCY: 7,
      HELD_EVENTS: true,
      ADMIN_WRITE: 'true',
      MAX_REFUND: '0.10',
      LOG_LEVEL: '',
    }
    const settings = settingsOf({ CONFIG_FILE }, withConfigFile(content))
    expect(settings.gateway.timeoutMs).toBe(5)
    expect(settings.workers.submitConcurrency).toBe(7)
    expect(settings.policy).toMatchObject({ retry: { jitter: 0.25 }, heldEvents: true, maxRefundFen: 10 })
    expect(settings.admin.write).toBe(true)
    expect(settings.log.level).toBe('info')
  })

  test('can hold what is required', () => {
    const loaded = loadSettings({ CONFIG_FILE }, withConfigFile(least))
    expect(loaded.ok).toBe(true)
  })

  test.each([
    [{ HELD_EVENTS: 1 }, 'HELD_EVENTS: expected text or a boolean in CONFIG_FILE, got a number'],
    [{ GATEWAY_TIMEOUT_MS: null }, 'GATEWAY_TIMEOUT_MS: expected text or a number in CONFIG_FILE, got null'],
    [{ GATEWAY_TIMEOUT_MS: true }, 'GATEWAY_TIMEOUT_MS: expected text or a number in CONFIG_FILE, got a boolean'],
    [{ MAX_REFUND: 100 }, 'MAX_REFUND: expected text in CONFIG_FILE, got a number'],
    [{ COMPLETION_QUEUES: ['a'] }, 'COMPLETION_QUEUES: expected text in CONFIG_FILE, got an array'],
    [{ QUEUE_PREFIX: {} }, 'QUEUE_PREFIX: expected text in CONFIG_FILE, got an object'],
    [{ GATEWAY_TIMEOUT_MS_FILE: 1 }, 'GATEWAY_TIMEOUT_MS_FILE: expected text in CONFIG_FILE, got a number'],
    [{ SUBMIT_CONCURRENCY: 1.5 }, 'SUBMIT_CONCURRENCY: expected a whole number, 1 or more, got "1.5"'],
    [{ REDIS_ULR: 'x' }, 'REDIS_ULR: no such setting, found in CONFIG_FILE; did you mean REDIS_URL?'],
    [{ log_level: 'info' }, 'log_level: no such setting, found in CONFIG_FILE; did you mean LOG_LEVEL?'],
    [{ COLOUR: 'red' }, 'COLOUR: no such setting, found in CONFIG_FILE'],
    [{ 'a\nb': 'x' }, '"a\\nb": no such setting, found in CONFIG_FILE'],
    ['{"__proto__": "x", "constructor": "y"}', 'constructor: no such setting, found in CONFIG_FILE'],
    [{ CONFIG_FILE: 'other.json' }, 'CONFIG_FILE: no such setting, found in CONFIG_FILE'],
    [[], 'CONFIG_FILE: must hold one JSON object, got an array'],
    ['null', 'CONFIG_FILE: must hold one JSON object, got null'],
    ['{', 'CONFIG_FILE: is not valid JSON (line 1 column 2)'],
    ['', 'CONFIG_FILE: is not valid JSON'],
  ])('%j is a fault', (content, fault) => {
    expect(faults(content).filter((line) => line.startsWith(fault))).toHaveLength(1)
  })

  test('with a value of a wrong type has that one fault: the setting is not missing besides', () => {
    const loaded = loadSettings({ CONFIG_FILE }, withConfigFile({ ...least, LIANLIAN_OID_PARTNER: 5 }))
    expect(loaded).toEqual({ ok: false, faults: ['LIANLIAN_OID_PARTNER: expected text in CONFIG_FILE, got a number'] })
  })

  test('with a value of a wrong type leaves that of the environment in force', () => {
    const overrides = { CONFIG_FILE, RETRY_CAP_MS: '1' }
    expect(faultsOf(overrides, withConfigFile({ RETRY_CAP_MS: null }))).toEqual([
      'RETRY_CAP_MS: expected text or a number in CONFIG_FILE, got null',
      'RETRY_CAP_MS: must not be below RETRY_BASE_MS, got 1 and 2000',
    ])
  })

  test('that cannot be read is one fault, not one for every setting that it may hold', () => {
    const loaded = loadSettings({ CONFIG_FILE: 'gone.json' }, { readFile: filesOf({}) })
    expect(loaded).toEqual({ ok: false, faults: ['CONFIG_FILE: cannot read the file that it names (ENOENT)'] })
  })

  test('that is not JSON does not show what it holds', () => {
    expect(faults('{"ADMIN_PASSWORD": hunter2}').join()).not.toContain('hunter')
  })
})
