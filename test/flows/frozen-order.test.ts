import { describe, expect, test } from 'vitest'
import { decide } from '../../src/flows/decide.ts'
import { idOf } from '../ledger/fixture.ts'
import { NUMBER, notice, operator, submits } from '../refund/builders.ts'
import { type World, world } from './world.ts'

const SIBLING = 'sibling'
const see = async (at: World, no_refund: string, said: Parameters<typeof decide>[2]) =>
  decide(at.engine, idOf(no_refund), said)

/** A refund was refused for good, another of the same order is open, and then the first one is reported paid. */
async function contradicted(sibling: World['gateway']['submitScript'][number]): Promise<World> {
  const at = world()
  at.gateway.submitScript.push(() => submits.refused, sibling)
  await at.submit({ order_amount: '200.01' })
  await at.submit({ no_refund: SIBLING, order_amount: '200.01' })
  const { request } = await at.record()
  await see(at, NUMBER, () => notice('2', { dt_refund: request?.dt_refund }))
  expect((await at.record()).contradiction).toBe(true)
  await at.dueTime(SIBLING)
  return at
}

describe.for([
  ['never left', () => submits.neverLeft, 'waiting'],
  ['is denied after its answer was lost', () => submits.timeout, 'unknown'],
] as const)('an open refund of a frozen order that %s', ([, sibling, state]) => {
  test('is held instead of sent', async () => {
    const at = await contradicted(sibling)
    await at.look(SIBLING)
    expect(await at.record(SIBLING)).toMatchObject({ state, holds: ['contradiction'] })
    expect(at.gateway.paymentsOf(SIBLING)).toBe(0)
  })

  test('is sent when a person lets it go', async () => {
    const at = await contradicted(sibling)
    await at.look(SIBLING)
    await see(at, SIBLING, () => operator.release)
    at.gateway.status = '2'
    await at.settle(SIBLING)
    expect(at.gateway.paymentsOf(SIBLING)).toBe(1)
  })

  test('is sent when the contradiction is resolved before it is due', async () => {
    const at = await contradicted(sibling)
    await see(at, NUMBER, () => operator.resolve('failed'))
    at.gateway.status = '2'
    await at.settle(SIBLING)
    expect(at.gateway.paymentsOf(SIBLING)).toBe(1)
  })
})

test('a person who lets a refund go for another reason does not let it pass its frozen order', async () => {
  const at = await contradicted(() => submits.neverLeft)
  await see(at, SIBLING, () => operator.hold)
  await see(at, SIBLING, () => operator.release)
  await at.look(SIBLING)
  expect(await at.record(SIBLING)).toMatchObject({ state: 'waiting', holds: ['contradiction'] })
})
