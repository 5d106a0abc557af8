import { describe, expect, test } from 'vitest'
import { type Fleet, startFleet } from '../e2e/fleet.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { bearing, CREDENTIALS } from './admin-server.ts'

const GUARDED = { ADMIN_USER: CREDENTIALS.user, ADMIN_PASSWORD: CREDENTIALS.password }

async function fleetWith(settings: Readonly<Record<string, string>>): Promise<Fleet> {
  const fleet = await startFleet({ settings })
  cleanUp(() => fleet.stop())
  return fleet
}

const ask = (fleet: Fleet, path: string, init: RequestInit = {}) =>
  fetch(fleet.adminUrl + path, { redirect: 'manual', ...init, headers: { ...bearing(CREDENTIALS), ...init.headers } })

/** The status page as a reader has it. */
async function readPage(fleet: Fleet): Promise<string> {
  const page = await (await ask(fleet, '/')).text()
  return page.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
}

describe('the admin server of a real fleet', () => {
  test('tells what became of the refunds, of which money is held, and who is at work', async () => {
    const fleet = await fleetWith({ ...GUARDED, MAX_REFUND: '10.00' })
    await fleet.add({ no_refund: 'paid', money_refund: '2.50' })
    await fleet.add({ no_refund: 'large', money_refund: '50.00' })
    await fleet.event('paid')
    await fleet.held('large')
    const page = await readPage(fleet)
    expect(page).toContain('succeeded 1 ¥2.50')
    expect(page).toContain('Held ¥50.00 1 wait for a person')
    expect(page).toMatch(/cap .* 1 ¥50.00 refundctl list --held-for cap/)
    expect(page).toMatch(/0000 1 accepted The call was handled/)
    expect(page).toMatch(/refund.succeeded 1/)
    expect(page).not.toMatch(/No \w+ worker is alive/)
    for (const role of ['submit', 'query', 'publish', 'receive', 'admin']) expect(page).toMatch(`${role} 1 `)

    const metrics = await fetch(`${fleet.adminUrl}/metrics`)
    expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringContaining('# TYPE')])
    const ready = await fetch(`${fleet.adminUrl}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', reasons: [] }])
    const board = await ask(fleet, '/queues/api/queues')
    expect(await board.text()).toMatch(/"refund".*"refund-query".*"refund-completed"/)
    expect((await ask(fleet, '/queues/api/queues/refund/pause', { method: 'PUT' })).status).toBe(405)
  })

  test('stops all sending at once and lets it go on, and everybody sees who did', async () => {
    const fleet = await fleetWith({ ...GUARDED, ADMIN_WRITE: 'true' })
    await pull(fleet, 'stop', 'gateway pays twice')
    await fleet.add({ no_refund: 'kept-back' })
    await eventually(async () => expect(await fleet.standing('kept-back')).toMatchObject({ state: 'waiting' }))
    expect(await readPage(fleet)).toMatch(/All sending is stopped by on-call since .* gateway pays twice/)
    expect(fleet.submits('kept-back')).toEqual([])

    await pull(fleet, 'resume', 'mended')
    await fleet.event('kept-back')
    expect(fleet.moved('kept-back')).toBe(1)
    const page = await readPage(fleet)
    expect(page).toMatch(/on-call resume mended/)
    expect(page).toMatch(/on-call stop gateway pays twice/)
    expect(page).not.toContain('All sending is stopped')
  })

  test('writes down who pauses a queue', async () => {
    const fleet = await fleetWith({ ...GUARDED, ADMIN_WRITE: 'true' })
    expect((await ask(fleet, '/queues/api/queues/refund/pause', { method: 'PUT' })).status).toBe(200)
    expect(await fleet.refunds.isPaused()).toBe(true)
    expect(await readPage(fleet)).toMatch(/Queue refund is paused .* on-call pause refund on the queue board/)
    await ask(fleet, '/queues/api/queues/refund/resume', { method: 'PUT' })
  })

  test('shows the page and no queue where no credentials are set', async () => {
    const fleet = await fleetWith({ ADMIN_WRITE: 'true' })
    const page = await fetch(fleet.adminUrl)
    expect([page.status, await page.text()]).toEqual([200, expect.not.stringContaining('<form')])
    expect((await fetch(`${fleet.adminUrl}/queues`)).status).toBe(403)
  })
})

async function pull(fleet: Fleet, action: string, reason: string): Promise<void> {
  const page = await (await ask(fleet, `/brake?action=${action}`)).text()
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const body = new URLSearchParams({ action, reason, token })
  expect((await ask(fleet, '/brake', { method: 'POST', body })).status).toBe(303)
}
