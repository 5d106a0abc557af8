import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { isSigned, merchantPublicKey, OID_PARTNER, post, refund, sign } from './merchant.ts'

const MAIN = new URL('../../src/simulator/main.ts', import.meta.url).pathname

interface Run {
  readonly out: () => string
  readonly err: () => string
  readonly exit: Promise<number | null>
  readonly kill: (signal: NodeJS.Signals) => void
}

function run(...args: readonly string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  cleanUp(async () => {
    child.kill('SIGKILL')
    await exit
  })
  return { out: () => out, err: () => err, exit, kill: (signal) => child.kill(signal) }
}

function folderWithKey(): { folder: string; keyFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'refund-simulator-'))
  cleanUp(() => rmSync(folder, { recursive: true }))
  const keyFile = join(folder, 'merchant.pem')
  writeFileSync(keyFile, merchantPublicKey)
  return { folder, keyFile }
}

const Listening = z.object({ event: z.literal('listening'), url: z.string() })

test.for(['SIGTERM', 'SIGINT'] as const)(
  'runs alone, logs a JSON line an event, and ends on %s with 0',
  async (signal) => {
    const { folder, keyFile } = folderWithKey()
    const publicKeyFile = join(folder, 'gateway.pem')
    const args = ['--oid-partner', OID_PARTNER, '--merchant-public-key', keyFile, '--port', '0', '--settle-ms', '0-1']
    const simulator = run(...args, '--write-public-key', publicKeyFile, '--book', join(folder, 'book'))
    const { url } = await eventually(() => Listening.parse(JSON.parse(simulator.out().split('\n')[0] ?? '')))
    const message = sign(refund())
    const { fields } = await post(`${url}/refund.htm`, JSON.stringify(message), 'application/json;charset=utf-8')
    expect(fields).toMatchObject({ ret_code: '0000' })
    expect(isSigned(fields, readFileSync(publicKeyFile, 'utf8'))).toBe(true)
    await eventually(() => simulator.out().includes('"settled"'))
    expect(readFileSync(join(folder, 'book'), 'utf8')).toContain(message.no_refund)
    simulator.kill(signal)
    expect(await simulator.exit).toBe(0)
    const lines = simulator.out().trimEnd().split('\n')
    const events = lines.map((line) =>
      z.looseObject({ time: z.iso.datetime(), event: z.string() }).parse(JSON.parse(line)),
    )
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['listening', 'submit', 'settled', 'stopped']),
    )
    expect(simulator.out()).not.toContain(message.sign)
    expect(simulator.out()).not.toContain(fields.sign)
    expect(simulator.err()).toBe('')
  },
)

test('--help explains every option', async () => {
  const help = run('--help')
  expect(await help.exit).toBe(0)
  for (const option of ['--merchant-public-key', '--repeated', '--faults', '--quarantine-ms', '--book']) {
    expect(help.out()).toContain(option)
  }
})

test('a wrong option is one clear line on stderr and exit 2', async () => {
  const { folder, keyFile } = folderWithKey()
  const good = ['--oid-partner', OID_PARTNER, '--merchant-public-key', keyFile]
  const cases = [
    [['--nope'], '--nope'],
    [['stray'], 'stray'],
    [['--merchant-public-key', keyFile], '--oid-partner'],
    [['--oid-partner', '123', '--merchant-public-key', keyFile], '18 digits'],
    [['--oid-partner', OID_PARTNER], '--merchant-public-key is required'],
    [['--oid-partner', OID_PARTNER, '--merchant-public-key', join(folder, 'none')], 'ENOENT'],
    [['--oid-partner', OID_PARTNER, '--merchant-public-key', MAIN], 'no usable RSA key'],
    [[...good, '--gateway-private-key', keyFile], '--gateway-private-key'],
    [[...good, '--faults', 'lots'], 'none, some, many'],
    [[...good, '--port', '70000'], '65535'],
    [[...good, '--seed', '1x'], "--seed must be a whole number, not '1x'"],
    [[...good, '--settle-ms', '9-1'], '--settle-ms'],
  ] as const
  await Promise.all(
    cases.map(async ([args, says]) => {
      const failed = run(...args)
      expect([says, await failed.exit]).toEqual([says, 2])
      expect(failed.err()).toContain(says)
      expect(failed.err().trimEnd().split('\n')).toHaveLength(1)
      expect(failed.out()).toBe('')
    }),
  )
})

test('what cannot be had ends it with 1 and one line', async () => {
  const { folder, keyFile } = folderWithKey()
  const args = ['--oid-partner', OID_PARTNER, '--merchant-public-key', keyFile, '--port', '0']
  const failed = run(...args, '--write-public-key', join(folder, 'none', 'key.pem'))
  expect(await failed.exit).toBe(1)
  expect(failed.err()).toMatch(/^simulator: ENOENT.*\n$/)
})
