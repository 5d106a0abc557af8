import { describe, expect, test } from 'vitest'
import { submitJob } from '../../src/flows/submit.ts'
import { createLedger } from '../../src/ledger/ledger.ts'
import { FakeGateway } from '../flows/fake-gateway.ts'
import { world } from '../flows/world.ts'
import { idOf } from '../ledger/fixture.ts'
import { DATA, defaults, PARTNER } from '../refund/builders.ts'
import { TWO } from './merchants-file.ts'

const merchants = new Map([
  ...defaults().merchants,
  [TWO, { notifyUrl: 'https://two.example/n', kind: 'exchange' as const }],
])
const job = (oid_partner: string, no_refund: string) => ({
  id: no_refund,
  data: { ...DATA, no_refund, no_order: no_refund, oid_partner },
  timestamp: Date.now(),
})

describe('figures of a merchant', () => {
  test('decide about its refunds, and about those of no other', async () => {
    const { at, engine } = world()
    const own = { ...at.policy, maxRefundFen: 1 }
    const both = { ...engine, policyOf: (oid_partner: string) => (oid_partner === TWO ? own : undefined) }
    await submitJob(both, merchants, job(PARTNER, 'a'))
    await submitJob(both, merchants, job(TWO, 'b'))
    expect((await at.record(idOf('a'))).holds).toEqual([])
    expect(await at.record({ oid_partner: TWO, no_refund: 'b' })).toMatchObject({ state: 'waiting', holds: ['cap'] })
  })

  test('cap its day in the ledger', async () => {
    const { at, engine } = world()
    const policyOf = (oid_partner: string) => (oid_partner === TWO ? { ...at.policy, dailyCapFen: 30_000 } : undefined)
    const ledger = createLedger(at.redis, {
      prefix: at.prefix,
      policy: at.policy,
      policyOf,
      gate: { breakerMs: 1_000, balanceMs: 1_000, rateOf: () => undefined },
      retentionDays: 400,
      waitReplicas: 0,
      onUnreadable: () => {},
    })
    for (const number of ['c', 'd']) {
      await submitJob({ ...engine, ledger, policyOf }, merchants, job(TWO, number))
      await submitJob({ ...engine, ledger, policyOf }, merchants, job(PARTNER, number))
    }
    expect((await at.record({ oid_partner: TWO, no_refund: 'd' })).holds).toEqual(['cap'])
    expect((await at.record(idOf('d'))).holds).toEqual([])
  })

  test('and its kind are for jobs that have none of their own', async () => {
    const { at, engine } = world()
    await submitJob(engine, merchants, job(TWO, 'e'))
    await submitJob(engine, merchants, { ...job(TWO, 'f'), data: { ...job(TWO, 'f').data, kind: 'domestic' } })
    expect((await at.record({ oid_partner: TWO, no_refund: 'e' })).request?.kind).toBe('exchange')
    expect((await at.record({ oid_partner: TWO, no_refund: 'f' })).request?.kind).toBe('domestic')
  })
})

test('a merchant that this process does not have is not called, whatever is due of it', async () => {
  const configured = new Map([[TWO, {}]])
  const { at, engine } = world({ gate: { configured } })
  const gateway = new FakeGateway()
  await submitJob({ ...engine, gatewayOf: () => gateway }, merchants, job(PARTNER, 'g'))
  expect(await at.record(idOf('g'))).toMatchObject({ state: 'waiting', holds: [] })
  expect(gateway.submitCalls).toBe(0)
  expect((await at.ledger.takeDue(10, 1_000)).records).toEqual([])
  expect((await at.ledger.takeDue(10, 1_000)).records).toEqual([])
  expect((await at.ledger.view([TWO])).unconfigured).toEqual([{ oid_partner: PARTNER, refunds: 1 }])
  configured.set(PARTNER, {})
  expect((await at.ledger.takeDue(10, 1_000)).records).toMatchObject([{ no_refund: 'g' }])
})
