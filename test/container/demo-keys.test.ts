import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { parsePrivateKey, parsePublicKeys } from '../../src/lianlian/keys.ts'

const program = fileURLToPath(new URL('../../deploy/demo/keys.mjs', import.meta.url))

test('the demo makes a pair of keys for the merchant and one for the gateway, and keeps them on the next start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const make = () => {
    execFileSync(process.execPath, [program, folder])
    return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  }
  const made = make()
  expect(Object.keys(made)).toEqual(['gateway.pem', 'gateway.public.pem', 'merchant.pem', 'merchant.public.pem'])
  for (const owner of ['merchant', 'gateway']) {
    const key = made[`${owner}.pem`] ?? ''
    const publicKey = made[`${owner}.public.pem`] ?? ''
    parsePrivateKey(key)
    parsePublicKeys(publicKey)
    expect(createPublicKey(key).export({ type: 'spki', format: 'pem' })).toBe(publicKey)
  }
  expect(made['merchant.pem']).not.toBe(made['gateway.pem'])
  expect(make()).toEqual(made)
})
