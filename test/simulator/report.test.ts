import { expect, test } from 'vitest'
import type { ReportFault } from '../../src/simulator/faults.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { OID_PARTNER, refund, simulator, submit } from './merchant.ts'

// 2026-11-22 07:30 in UTC+8, where it is a day later than in UTC
const NOW = Date.UTC(2026, 10, 21, 23, 30)
const TODAY = `JYMX_${OID_PARTNER}_20261122.txt`
const TOMORROW = `JYMX_${OID_PARTNER}_20261123.txt`

/** A gateway that has paid one refund. */
async function paid(report?: ReportFault): Promise<Simulator> {
  const asked = refund({ no_refund: 'R1', no_order: 'O1' })
  const gateway = await simulator({ now: () => NOW, settleMs: 0, scripts: { R1: report ? { report } : {} } })
  await submit(gateway, asked)
  return gateway
}

const refundLines = (gateway: Simulator, name = TODAY) =>
  (gateway.reports('order').get(name) ?? '').split('\n').filter((line) => line.startsWith('R1,'))

test('a paid refund is a second row of its day, with a negative amount, status 5 and the number of its order', async () => {
  const gateway = await paid()
  expect([...gateway.reports('order').keys()]).toEqual([TODAY])
  const [payment = '', own = '', end] = (gateway.reports('order').get(TODAY) ?? '').split('\n')
  expect(payment).toMatch(/^O1,\d{18},20130515 09:40:18,101001,\d{16},20261122,200\.01,0,0,/)
  expect(own).toMatch(/^R1,\d{18},20130515 09:40:18,101001,O1,20261122,-200\.01,1,5,20130515 09:40:18,-0\.10,/)
  expect(end).toBe('')
})

test('the columns with currencies have bars between them, and a header', async () => {
  const gateway = await paid()
  const [head = '', , own = ''] = (gateway.reports('currencies').get(TODAY) ?? '').split('\n')
  expect(head.split(' | ')).toHaveLength(19)
  expect(own.split(' | ').slice(4, 9)).toEqual(['O1', '20261122', 'CNY', '-200.01', 'CNY'])
  expect(own.split(' | ')[13]).toBe('5')
})

test('what is not paid is in no report', async () => {
  const gateway = await simulator({ now: () => NOW, settleMs: 0, scripts: { R1: { final: '3' } } })
  await submit(gateway, refund({ no_refund: 'R1' }))
  expect(gateway.reports('order').size).toBe(0)
})

test('a refund made by hand is in the report, and nobody asked for it', async () => {
  const gateway = await simulator({ now: () => NOW })
  const { dt_refund = '' } = refund()
  gateway.refundByHand({ oid_partner: OID_PARTNER, no_refund: 'R1', no_order: 'O9', money_refund: '3.5', dt_refund })
  expect(refundLines(gateway)).toEqual([expect.stringContaining(',O9,20261122,-3.50,1,5,')])
  expect(gateway.summary().notifications.open).toBe(0)
})

test('a fault leaves the line out, doubles it, changes it, puts it into the next report, or breaks it off', async () => {
  const linesWith = async (fault: ReportFault) => refundLines(await paid(fault))
  expect(await linesWith('left_out')).toEqual([])
  expect(await linesWith('doubled')).toHaveLength(2)
  expect(await linesWith('other_amount')).toEqual([expect.stringContaining(',-200.02,')])
  expect(await linesWith('broken_off')).toEqual([expect.stringMatching(/,O1,2026$/)])
  const late = await paid('next_day')
  expect(refundLines(late)).toEqual([])
  expect(refundLines(late, TOMORROW)).toEqual([expect.stringContaining(',20261123,')])
})
