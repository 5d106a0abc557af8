import { describe, expect, test } from 'vitest'
import type { Script } from '../../src/simulator/faults.ts'
import { eventually } from '../support/eventually.ts'
import { call, isSigned, query, queryOf, refund, simulator, submit } from './merchant.ts'

async function submitWith(script: Script, timeoutMs?: number) {
  const gateway = await simulator({ settleMs: 0, slowBodyMs: 300, scriptFor: () => script })
  const asked = refund()
  const began = performance.now()
  const received = await call(gateway, '/refund.htm', asked, timeoutMs).catch((error: unknown) => String(error))
  return { gateway, asked, received, tookMs: performance.now() - began }
}

test('return codes are answered one by one, store nothing, and then all is normal', async () => {
  const gateway = await simulator()
  const asked = refund()
  gateway.script(asked.no_refund, { submit: ['9999', 'normal', '5005'], query: ['9921'] })
  expect(await submit(gateway, asked)).toMatchObject({ ret_code: '9999' })
  expect(await query(gateway, asked)).toMatchObject({ ret_code: '9921' })
  expect(await query(gateway, asked)).toEqual({ ret_code: '8901', ret_msg: '没有记录' })
  expect(await submit(gateway, asked)).toMatchObject({ ret_code: '0000' })
  expect(await submit(gateway, asked)).toMatchObject({ ret_code: '5005' })
  expect(await query(gateway, asked)).toMatchObject({ ret_code: '0000' })
  await eventually(() => gateway.book.length === 1)
})

test('a refusal of the course is given to every submit', async () => {
  const { gateway, asked } = await submitWith({ refusal: '5008' })
  expect(await submit(gateway, asked)).toMatchObject({ ret_code: '5008' })
  expect(gateway.summary()).toMatchObject({ submits: { codes: { '5008': 2 } }, moved: {} })
})

test('a step that is none is refused when the script is set', async () => {
  const gateway = await simulator()
  for (const step of ['0000', '99', '99999', '1e3'] as const) {
    expect(() => gateway.script('x', { submit: [step] })).toThrow(step)
  }
  expect(() => gateway.script('x', { submit: [{ accept_then: '0000' }] })).toThrow('0000')
})

describe('nothing is processed', () => {
  test.for([
    ['drop_before', /hang up|ECONNRESET/],
    ['timeout', /no answer in time/],
  ] as const)('%s', async ([fault, error]) => {
    const { gateway, asked, received } = await submitWith({ submit: [fault] }, 200)
    expect(received).toMatch(error)
    expect(await query(gateway, asked)).toMatchObject({ ret_code: '8901' })
    expect(gateway.book).toEqual([])
    expect(gateway.requests[0]).toMatchObject({ fault, fields: asked })
  })

  test('http_500', async () => {
    const { gateway, received } = await submitWith({ submit: ['http_500'] })
    expect(received).toMatchObject({ status: 500 })
    expect(gateway.book).toEqual([])
  })
})

describe('the refund is paid and its answer lost', () => {
  test.for([
    ['accept_then_drop', /hang up|ECONNRESET/],
    ['accept_then_timeout', /no answer in time/],
  ] as const)('%s', async ([fault, error]) => {
    const { gateway, asked, received } = await submitWith({ submit: [fault] }, 200)
    expect(received).toMatch(error)
    expect(gateway.book).toHaveLength(1)
    expect(await query(gateway, asked)).toMatchObject({ ret_code: '0000', sta_refund: '2' })
    expect(await submit(gateway, asked)).toMatchObject({ ret_code: '1002' })
  })

  test('pay_then_500', async () => {
    const { gateway, received } = await submitWith({ submit: ['pay_then_500'] })
    expect(received).toMatchObject({ status: 500 })
    expect(gateway.book).toHaveLength(1)
  })

  test('accept_then a code', async () => {
    const { gateway, received } = await submitWith({ submit: [{ accept_then: '9999' }] })
    expect(received).toMatchObject({ fields: { ret_code: '9999' } })
    expect(gateway.book).toHaveLength(1)
    expect(gateway.summary().submits).toEqual({ codes: { '9999': 1 }, faults: { 'accept_then 9999': 1 } })
  })
})

describe('the refund is paid and its answer spoilt', () => {
  test('malformed_json', async () => {
    const { gateway, received } = await submitWith({ submit: ['malformed_json'] })
    expect(received).toMatchObject({ status: 200, fields: {}, text: expect.stringMatching(/^\{"ret_code":"0000"/) })
    expect(gateway.book).toHaveLength(1)
  })

  test.for([
    ['bad_signature', { ret_code: '0000', sign: expect.stringMatching(/^[A-Za-z0-9+/]{171}=$/) }, false],
    ['wrong_amount', { ret_code: '0000', money_refund: '200.02' }, true],
    ['wrong_number', { ret_code: '0000', money_refund: '200.01' }, true],
  ] as const)('%s', async ([fault, fields, verifies]) => {
    const { gateway, asked, received } = await submitWith({ submit: [fault] })
    if (typeof received === 'string') throw new Error(received)
    expect(received.fields).toMatchObject(fields)
    expect(received.fields.no_refund === asked.no_refund).toBe(fault !== 'wrong_number')
    expect(isSigned(received.fields, gateway.publicKey)).toBe(verifies)
    expect(gateway.book).toHaveLength(1)
  })

  test('unsigned_success', async () => {
    const { received } = await submitWith({ submit: ['unsigned_success'] })
    expect(received).toMatchObject({ fields: { ret_code: '0000', sta_refund: '2' } })
    expect(received).not.toHaveProperty('fields.sign')
  })

  test('slow_body and huge_body are true answers', async () => {
    const slow = await submitWith({ submit: ['slow_body'] })
    expect(slow.tookMs).toBeGreaterThan(200)
    const huge = await submitWith({ submit: ['huge_body'] })
    for (const { gateway, received } of [slow, huge]) {
      if (typeof received === 'string') throw new Error(received)
      expect(isSigned(received.fields, gateway.publicKey)).toBe(true)
    }
    expect(huge.received).toHaveProperty(
      'text.length',
      expect.toSatisfy((length: number) => length > 4_000_000),
    )
  })
})

describe('nothing is stored, and the answer says that it is paid', () => {
  test.for([
    ['forged_success', { money_refund: '200.01' }, false],
    ['other_number_success', { money_refund: '200.01' }, true],
    ['other_amount_success', { money_refund: '200.02' }, true],
  ] as const)('%s', async ([fault, fields, verifies]) => {
    const { gateway, asked, received } = await submitWith({ submit: [fault] })
    if (typeof received === 'string') throw new Error(received)
    expect(received.fields).toMatchObject({
      ret_code: '0000',
      sta_refund: '2',
      oid_partner: asked.oid_partner,
      ...fields,
    })
    expect(received.fields.no_refund === asked.no_refund).toBe(fault !== 'other_number_success')
    expect(isSigned(received.fields, gateway.publicKey)).toBe(verifies)
    expect(gateway.summary()).toMatchObject({ submits: { faults: { [fault]: 1 } }, moved: {}, open: 0 })
    expect(await query(gateway, asked)).toMatchObject({ ret_code: '8901' })
    expect(await submit(gateway, asked)).toMatchObject({ ret_code: '0000' })
    expect(gateway.book).toHaveLength(1)
  })
})

test('deny_queries_for: queries deny a paid refund for that long, and then tell', async () => {
  const { gateway, asked } = await submitWith({ deny_queries_for: 800 })
  expect(await query(gateway, asked)).toEqual({ ret_code: '8901', ret_msg: '没有记录' })
  expect(gateway.book).toHaveLength(1)
  expect(gateway.summary().queries.faults).toEqual({ deny_queries_for: 1 })
  await eventually(async () => (await query(gateway, asked)).sta_refund === '2')
})

test('queries meet the faults of their own list', async () => {
  const { gateway, asked } = await submitWith({
    query: ['8901', 'wrong_amount', 'bad_signature', 'drop_before', 'timeout', 'http_500', 'normal'],
  })
  const ask = async () => await call(gateway, '/refundquery.htm', queryOf(asked), 200)
  expect(await ask()).toMatchObject({ fields: { ret_code: '8901' } })
  expect(await ask()).toMatchObject({ fields: { money_refund: '200.02' } })
  expect(isSigned((await ask()).fields, gateway.publicKey)).toBe(false)
  await expect(ask()).rejects.toThrow(/hang up|ECONNRESET/)
  await expect(ask()).rejects.toThrow('no answer in time')
  expect(await ask()).toMatchObject({ status: 500 })
  expect(await ask()).toMatchObject({ fields: { ret_code: '0000', sta_refund: '2' } })
})

test('a fault of the answer falls on a refusal too', async () => {
  const gateway = await simulator()
  const asked = refund()
  gateway.script(asked.no_refund, { submit: ['normal', 'accept_then_drop'] })
  await submit(gateway, asked)
  await expect(submit(gateway, asked)).rejects.toThrow(/hang up|ECONNRESET/)
  expect(gateway.requests.at(-1)).toMatchObject({ ret_code: '1002', fault: 'accept_then_drop' })
})

test('answers wait for the latency', async () => {
  const gateway = await simulator({ latencyMs: [80, 90], settleMs: 0 })
  const began = performance.now()
  const answering = submit(gateway, refund())
  await eventually(() => gateway.book.length === 1)
  await answering
  expect(performance.now() - began).toBeGreaterThanOrEqual(79)
})
