import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startFleet } from '../e2e/fleet.ts'
import { gatewayKeys, merchantKeys, PARTNER } from '../e2e/settings.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'

const newKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

/** A Secret as the kubelet mounts it: the files are links into `..data`, a link that is turned to another folder. */
function mountSecret(first: Readonly<Record<string, string>>) {
  const mount = mkdtempSync(join(tmpdir(), 'mounted-secret-'))
  cleanUp(() => rmSync(mount, { recursive: true, force: true }))
  let last: string | undefined
  const project = (files: Readonly<Record<string, string>>) => {
    const folder = `..${performance.now()}`
    mkdirSync(join(mount, folder))
    for (const [name, content] of Object.entries(files)) writeFileSync(join(mount, folder, name), content)
    symlinkSync(folder, join(mount, '..data_tmp'))
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'))
    if (last !== undefined) rmSync(join(mount, last), { recursive: true })
    last = folder
  }
  project(first)
  for (const name of Object.keys(first)) symlinkSync(join('..data', name), join(mount, name))
  return { mount, project }
}

test('a Secret that changes is taken over where it is mounted, without a restart', { timeout: 60_000 }, async () => {
  const merchant = { oid_partner: PARTNER, privateKeyFile: 'private.pem', publicKeyFile: 'lianlian.pem' }
  const files = {
    'merchants.json': JSON.stringify({ merchants: [merchant] }),
    'private.pem': merchantKeys.privateKey,
    'lianlian.pem': gatewayKeys.publicKey,
  }
  const { mount, project } = mountSecret(files)
  const fleet = await startFleet({
    settings: { LIANLIAN_OID_PARTNER: '', LIANLIAN_PRIVATE_KEY: '', MERCHANTS_FILE: join(mount, 'merchants.json') },
  })
  cleanUp(() => fleet.stop())
  const [worker] = fleet.workers
  const signers = () =>
    (worker?.log() ?? []).flatMap((line) => (line.msg === 'a merchant is configured' ? [line.signs_with] : []))
  await fleet.add({ no_refund: 'before' })
  await fleet.event('before')

  project({ ...files, 'private.pem': newKey.privateKey })
  await eventually(() => expect(signers()).toHaveLength(2), { timeoutMs: 20_000 })
  project(files)
  await eventually(() => expect(signers()).toHaveLength(3), { timeoutMs: 20_000 })
  const [old, changed, back] = signers()
  expect(changed).not.toBe(old)
  expect(back).toBe(old)
  expect(worker?.log().filter(({ level }) => level === 'error')).toEqual([])
  await fleet.add({ no_refund: 'after' })
  expect((await fleet.event('after')).type).toBe('refund.succeeded')
})
