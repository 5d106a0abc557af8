import { generateKeyPairSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gatewayKeys, merchantKeys } from '../e2e/settings.ts'
import { eventually } from '../support/eventually.ts'
import { type Entry, keyTextIn, ONE, startPlatform, TWO } from './merchants-file.ts'

const pair = (modulusLength: number) =>
  generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
const RELOADED = 'settings loaded anew'

test('two merchants with different keys, and both keys change under load: no refund is refused, none is lost', async () => {
  const [oldKey, newKey, otherKey, newGatewayKey] = [merchantKeys, pair(2048), pair(2048), pair(1024)]
  const other: Entry = { oid_partner: TWO, privateKey: otherKey.privateKey, publicKey: gatewayKeys.publicKey }
  const one = (fields: object): Entry => ({ oid_partner: ONE, publicKey: gatewayKeys.publicKey, ...fields })
  const { fleet, write, said } = await startPlatform([one({ privateKey: oldKey.privateKey }), other], {
    programs: ['all', 'submit', 'query'],
    simulator: {
      merchants: [
        { oid_partner: ONE, publicKey: oldKey.publicKey },
        { oid_partner: TWO, publicKey: otherKey.publicKey },
      ],
      settleMs: [10, 400],
    },
  })
  const { simulator } = fleet
  const numbers: string[] = []
  const stopped = new AbortController()
  const pushed = (async () => {
    while (!stopped.signal.aborted) {
      const [mine, yours] = [`one-${numbers.length}`, `two-${numbers.length + 1}`]
      numbers.push(mine, yours)
      await Promise.all([
        fleet.add({ no_refund: mine, oid_partner: ONE }),
        fleet.add({ no_refund: yours, oid_partner: TWO }),
      ])
      await sleep(25)
    }
  })()

  // our key: LianLian knows both, we sign with the new one, LianLian forgets the old one
  simulator.setMerchantKeys(ONE, [oldKey.publicKey, newKey.publicKey])
  write([one({ privateKey: [newKey.privateKey, oldKey.privateKey] }), other])
  fleet.workers[0]?.signal('SIGHUP')
  await said(RELOADED, 1)
  await sleep(500)
  simulator.setMerchantKeys(ONE, [newKey.publicKey])
  await sleep(500)

  // LianLian's key: we know both, LianLian signs with the new one, we forget the old one
  const both = { publicKey: [gatewayKeys.publicKey, newGatewayKey.publicKey] }
  write([one({ privateKey: newKey.privateKey, ...both }), { ...other, ...both }])
  await said(RELOADED, 2)
  simulator.setGatewayKey(newGatewayKey.privateKey)
  await sleep(1_000)
  const after = { publicKey: newGatewayKey.publicKey }
  write([one({ privateKey: newKey.privateKey, ...after }), { ...other, ...after }])
  await said(RELOADED, 3)
  await sleep(500)
  stopped.abort()
  await pushed

  expect(numbers.length).toBeGreaterThan(60)
  const events = await eventually(
    async () => {
      const all = await fleet.events()
      return all.length >= numbers.length && all
    },
    { timeoutMs: 60_000, intervalMs: 300 },
  )
  expect(events.filter(({ type }) => type !== 'refund.succeeded')).toEqual([])
  expect(events.map(({ subject }) => subject).toSorted()).toEqual(numbers.toSorted())
  expect(simulator.requests.filter(({ ret_code }) => ret_code !== '0000')).toEqual([])
  expect(simulator.summary().doubled).toEqual([])
  expect(
    keyTextIn(
      fleet,
      [oldKey, newKey, otherKey].map(({ privateKey }) => privateKey),
    ),
  ).toBe(false)
}, 120_000)
