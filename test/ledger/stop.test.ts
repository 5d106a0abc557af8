import { expect, test } from 'vitest'
import { NUMBER, PARTNER } from '../refund/builders.ts'
import { idOf, testLedger } from './fixture.ts'

const order = { by: 'ops@host', at: 1, reason: 'wrong amounts' }
const id = idOf(NUMBER)
const other = { oid_partner: '201103179999999999', no_refund: NUMBER }
const refused = { go: false, reason: 'all sending is stopped' }

test('a stop of the fleet lets nothing be sent and everything be asked, until it is lifted', async () => {
  const { ledger } = testLedger()
  await ledger.stop(undefined, order)
  for (const call of ['send', 'resend', 'lift'] as const) expect(await ledger.admit(id, call)).toMatchObject(refused)
  expect(await ledger.admit(id, 'query')).toMatchObject({ go: true })
  expect(await ledger.resume(undefined)).toBe(true)
  expect(await ledger.resume(undefined)).toBe(false)
  expect(await ledger.admit(id, 'send')).toMatchObject({ go: true })
})

test('a stop of a merchant leaves the others alone, and outlasts what its calls show', async () => {
  const { ledger } = testLedger()
  await ledger.stop(PARTNER, order)
  expect(await ledger.admit(other, 'send')).toMatchObject({ go: true })
  await ledger.report(id, 'answered')
  expect(await ledger.admit(id, 'send')).toMatchObject(refused)
  const { gates } = await ledger.view([PARTNER, other.oid_partner])
  expect(gates).toMatchObject([{ oid_partner: PARTNER, stopped: order }, { oid_partner: other.oid_partner }])
  expect(gates[1]?.stopped).toBeUndefined()
  await ledger.resume(PARTNER)
  expect(await ledger.admit(id, 'send')).toMatchObject({ go: true })
})

test('a second stop is added to the first, and one resume tells of both', async () => {
  const { ledger } = testLedger()
  await ledger.stop(undefined, order)
  await ledger.stop(undefined, { by: 'other@host', at: 2, reason: 'key may be known' })
  const standing = { by: 'ops@host', at: 1, reason: 'wrong amounts; and other@host: key may be known' }
  expect(await ledger.stopOf(undefined)).toEqual(standing)
  expect(await ledger.stopOf(PARTNER)).toBeUndefined()
})

test('what operators did to the fleet is remembered, newest first', async () => {
  const { ledger } = testLedger()
  await ledger.operated({ at: 1, by: 'a', action: 'stop', reason: 'x' })
  await ledger.operated({ at: 2, by: 'b', action: 'resume', reason: 'y' })
  expect(await ledger.operations(10)).toMatchObject([{ by: 'b' }, { by: 'a' }])
})
