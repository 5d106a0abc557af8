import { expect, test } from 'vitest'
import { eventOf } from '../../src/refund/event.ts'
import { accepted, idOf, testLedger } from '../ledger/fixture.ts'
import { submits } from '../refund/builders.ts'
import { sent } from './mix.ts'
import { operatorSettings, refundctl } from './refundctl.ts'

const SAY = ['--yes', '--reason', 'request 12', '--as', 'ann']

test('a person is forgotten, and the refund is not', async () => {
  const at = testLedger()
  const ctl = refundctl(operatorSettings(at.prefix))
  await sent(at, 'paid', submits.accepted('2'), { metadata: { name: 'Li Lei' } })
  const before = await at.record(idOf('paid'))
  expect(await ctl('erase', 'paid', ...SAY)).toMatchObject({
    code: 0,
    err: 'erased the metadata of 1 refund, 200.01 yuan\n',
  })
  const after = await at.record(idOf('paid'))
  const { metadata, ...kept } = before
  expect(metadata).toEqual({ name: 'Li Lei' })
  expect(after).toEqual({ ...kept, version: kept.version + 1, token: after.token, updated_at: after.updated_at })
  expect(await at.redis.get(at.keys.record(idOf('paid')))).not.toContain('Li Lei')
  expect(eventOf(after)?.id).toBe(eventOf(before)?.id)
  const said = (await at.ledger.trail(idOf('paid'))).at(-1)
  expect(JSON.parse(said ?? '')).toMatchObject({ observation: 'erase', by: 'ann', note: 'request 12' })
})

test('an open refund, an unknown number and a dry run keep everything', async () => {
  const at = testLedger()
  const ctl = refundctl(operatorSettings(at.prefix))
  await accepted(at, { no_refund: 'open', metadata: { name: 'Li Lei' } })
  const { code, err } = await ctl('erase', 'open', 'never', ...SAY)
  expect(code).toBe(1)
  expect(err).toContain('refused: open: erase: the refund is open')
  expect(err).toContain('refused: never: erase: no such refund')
  expect((await at.record(idOf('open'))).metadata).toEqual({ name: 'Li Lei' })
  expect((await ctl('erase', 'open', '--yes')).code).toBe(2)
})
