import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testLedger } from '../ledger/fixture.ts'
import { PARTNER } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { jsonLines, operatorSettings, refundctl } from './refundctl.ts'

const OTHER = '201408071000001543'
const told = (oid_partner: string, use: 'sign' | 'verify', fingerprint: string, place: number, times: number) => ({
  oid_partner,
  use,
  fingerprint,
  place,
  times,
})

test('keys lists every key with its fingerprint, its uses and its standing', async () => {
  const { ledger, prefix } = testLedger()
  const keys = [
    told(PARTNER, 'sign', 'sha256:aa', 0, 7),
    told(PARTNER, 'sign', 'sha256:bb', 1, 0),
    told(PARTNER, 'verify', 'sha256:cc', 0, 5),
    told(OTHER, 'sign', 'sha256:dd', 0, 0),
  ]
  await ledger.tellSettings('h:1:all', { digest: 'one', faults: 0, keys })
  await ledger.tellSettings('h:1:all', { digest: 'one', faults: 0, keys })
  await ledger.tellSettings('h:2:submit', { digest: 'two', faults: 3, keys: [] })
  const ctl = refundctl(operatorSettings(prefix))
  const { code, out, err } = await ctl('keys')
  expect(code, err).toBe(0)
  const rows = out.trimEnd().split('\n')
  expect(rows).toHaveLength(5)
  expect(rows[1]).toMatch(new RegExp(`^${PARTNER} +ours +sha256:aa +\\S+ +\\S+ +14 +signs$`))
  expect(rows[2]).toMatch(/sha256:bb +\S+ +never +0 +known, does not sign$/)
  expect(rows[3]).toMatch(/LianLian's +sha256:cc .* 10 +verifies$/)
  expect(err).toContain('the 2 processes work with 2 different settings of merchants')
  expect(err).toContain('h:2:submit: its settings have 3 faults')
  const one = await ctl('keys', '--partner', OTHER, '-o', 'jsonl')
  expect(jsonLines(one.out)).toMatchObject([{ fingerprint: 'sha256:dd', standing: 'signs', times: 0 }])
})

test('keys --check says whether two keys are a pair, without Redis and settings, and shows no key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  cleanUp(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const [own, other] = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }))
  if (!own || !other) throw new Error('no keys')
  const privateText = own.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const privateKey = file('private.pem', privateText)
  const publicKey = file('public.txt', own.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'))
  const otherKey = file('other.pem', other.publicKey.export({ type: 'spki', format: 'pem' }).toString())
  const ctl = refundctl({})

  const fits = await ctl('keys', '--check', privateKey, publicKey)
  expect(fits.code, fits.err).toBe(0)
  const [, first] = /private +(sha256:[0-9a-f]{16})/.exec(fits.out) ?? []
  expect(fits.out).toContain(`public   ${first}  2048 bits\na pair: `)

  const wrong = await ctl('keys', '--check', privateKey, otherKey)
  expect(wrong.code).toBe(1)
  expect(wrong.err).toContain('they are no pair')
  const turned = await ctl('keys', '--check', publicKey, privateKey)
  expect(turned).toMatchObject({
    code: 1,
    err: expect.stringContaining('a public key stands where a private key is due'),
  })
  expect(await ctl('keys', '--check', privateKey, '/nowhere')).toMatchObject({
    code: 1,
    err: expect.stringContaining('ENOENT'),
  })
  expect(await ctl('keys', '--check', privateKey)).toMatchObject({ code: 2 })
  for (const line of privateText.split('\n').filter((each) => each.length > 40)) {
    expect([fits, wrong, turned].some(({ out, err }) => (out + err).includes(line))).toBe(false)
  }
})
