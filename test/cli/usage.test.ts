import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { submits } from '../refund/builders.ts'
import { preparedMix, sent } from './mix.ts'
import { operatorSettings, refundctl, start } from './refundctl.ts'

const COMMANDS =
  'status list get timeline unmatched keys config enqueue query hold release cancel resolve replay stop pause resume safe-start'

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(await refundctl({})('--version')).toMatchObject({ code: 0, out: `${version}\n` })
})

test('every command has a help text with examples, and needs no settings for it', async () => {
  const ctl = refundctl({})
  const commands = COMMANDS.split(' ')
  const helps = await Promise.all(commands.map(async (command) => ctl(command, '--help')))
  for (const [at, { code, out }] of helps.entries()) {
    expect(code, out).toBe(0)
    expect(out).toContain(`Usage: refundctl ${commands[at]}`)
    expect(out).toContain(`Examples:\n  refundctl ${commands[at]}`)
  }
})

test('wrong usage is exit code 2 with a hint on stderr, and nothing on stdout', async () => {
  const wrong = [
    [],
    ['relase', 'R1'],
    ['list', '--state', 'nonsense'],
    ['list', '--older-than', '5'],
    ['list', '--limit', '0'],
    ['list', '-o', 'yaml'],
    ['get'],
    ['release', '--partner', '123'],
  ]
  const ctl = refundctl(operatorSettings())
  const runs = await Promise.all(wrong.map(async (args) => ctl(...args)))
  for (const [at, { code, out, err }] of runs.entries()) {
    expect({ code, out }, wrong[at]?.join(' ')).toEqual({ code: 2, out: '' })
    expect(err).not.toBe('')
  }
})

test('docs/refundctl.md tells of every command', () => {
  const page = readFileSync(new URL('../../docs/refundctl.md', import.meta.url), 'utf8')
  for (const command of [...COMMANDS.split(' '), 'simulate', 'completion']) {
    expect(page).toMatch(new RegExp(`(?:\`|refundctl )${command}\\b`))
  }
})

test('a mistyped command is guessed', async () => {
  const { err } = await refundctl({})('relase', 'R1')
  expect(err).toContain('Did you mean release?')
})

test('a Redis that is away is one line without its password and without a stack trace', async () => {
  const { LIANLIAN_OID_PARTNER = '' } = operatorSettings()
  const ctl = refundctl({ REDIS_URL: 'redis://:hunter2@127.0.0.1:1', LIANLIAN_OID_PARTNER })
  const began = performance.now()
  const { code, out, err } = await ctl('list')
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(/^refundctl: Redis at redis:\/\/\*\*\*@127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED.*\n$/)
  expect(performance.now() - began).toBeLessThan(15_000)
})

test('wrong settings are one line each, and what only workers need is not asked for', async () => {
  const env = operatorSettings()
  const { code, err } = await refundctl({ ...env, LIANLIAN_OID_PARTNER: '', LEDGER_PREFIX: 'x' })('list')
  expect(code).toBe(1)
  expect(err).toMatch(/^refundctl: LEDGER_PREFIX: expected .+$/m)
  expect(err).toMatch(/^refundctl: LIANLIAN_OID_PARTNER: required, or MERCHANTS_FILE$/m)
  expect(err.trimEnd().split('\n')).toHaveLength(2)
  const keyless = refundctl({ ...env, LIANLIAN_PRIVATE_KEY_FILE: '/nowhere/key.pem', ADMIN_HOST: '0.0.0.0' })
  expect(await keyless('list')).toMatchObject({ code: 0 })
})

test('config prints the effective settings without secrets, and needs no Redis', async () => {
  const ctl = refundctl({
    REDIS_URL: 'redis://:hunter2@127.0.0.1:1',
    LIANLIAN_OID_PARTNER: '201103171000000000',
    LIANLIAN_PRIVATE_KEY: 'hunter3',
    HOLD_LOOK_MS: '5',
  })
  const { code, out } = await ctl('config')
  expect(code).toBe(0)
  expect(out).toMatch(/^HOLD_LOOK_MS +env +5$/m)
  expect(out).toMatch(/^QUEUE_PREFIX +default +bull$/m)
  expect(out).not.toContain('hunter')
})

test('a reader that has seen enough ends it quietly', async () => {
  const { at, env } = await preparedMix()
  for (let n = 0; n < 60; n++) await sent(at, `more-${n}`, submits.timeout, { metadata: { long: 'x'.repeat(3500) } })
  const running = start(['list', '-o', 'jsonl'], env)
  running.stdout.once('data', () => {
    if ('destroy' in running.stdout && typeof running.stdout.destroy === 'function') running.stdout.destroy()
  })
  const { code, err } = await running.ended
  expect(code).toBe(0)
  expect(err).not.toContain('Error')
})

test('watch shows it again and again, and Ctrl-C ends it well', async () => {
  const { env } = await preparedMix()
  const running = start(['get', 'paid', '-o', 'jsonl', '--watch', '0.1'], env)
  let shown = ''
  const { promise: twice, resolve } = Promise.withResolvers<void>()
  running.stdout.on('data', (text) => {
    shown += String(text)
    if (shown.split('\n').length > 3) resolve()
  })
  await twice
  running.signal('SIGINT')
  expect(await running.ended).toMatchObject({ code: 0, err: '' })
})

test('simulate hands its arguments to the simulator, with its exit code', async () => {
  const ctl = refundctl({})
  const help = await ctl('simulate', '--help')
  expect(help).toMatchObject({ code: 0, out: expect.stringContaining('--merchant-public-key FILE') })
  expect(await ctl('simulate', '--nonsense')).toMatchObject({ code: 2 })
})
