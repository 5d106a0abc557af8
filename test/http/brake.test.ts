import { expect, test } from 'vitest'
import { type AdminServer, CREDENTIALS, startAdmin } from './admin-server.ts'
import { busyOverview, PARTNER, quietOverview } from './overviews.ts'

const overview = async () => busyOverview()

test('the page before the brake says how much money it is about', async () => {
  const { get } = await startAdmin({ write: true, overview })
  const page = await (await get('/brake?action=stop')).text()
  expect(page).toContain('Stop all sending?')
  expect(page).toMatch(/1,241 refunds, <data value="300830.96">/)
  expect(page).toMatch(/17 refunds, <data value="6981.20">/)
})

test('a stop with a reason is done, written down and logged with the user', async () => {
  const server = await startAdmin({ write: true, overview })
  const answer = await order(server, { action: 'stop', reason: '  gateway pays twice,\r\nINC-7 ' })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
  const said = { by: CREDENTIALS.user, reason: 'gateway pays twice, INC-7' }
  expect(server.stops).toEqual([{ oid_partner: undefined, stop: { ...said, at: expect.any(Number) } }])
  expect(server.operations).toEqual([{ ...said, action: 'stop', at: expect.any(Number) }])
  expect(server.log).toContainEqual(expect.objectContaining({ user: CREDENTIALS.user, action: 'stop' }))
})

test('one merchant is stopped and resumed by its number', async () => {
  const server = await startAdmin({ write: true, overview })
  await order(server, { action: 'stop', oid_partner: PARTNER, reason: 'key change' })
  await order(server, { action: 'resume', oid_partner: PARTNER, reason: 'done' })
  expect(server.stops.map(({ oid_partner, stop }) => [oid_partner, stop?.reason])).toEqual([
    [PARTNER, 'key change'],
    [PARTNER, undefined],
  ])
  expect(server.operations.map(({ action }) => action)).toEqual([`stop ${PARTNER}`, `resume ${PARTNER}`])
})

test.for(['', '   ', '\n', 'x'.repeat(301)])('without a fitting reason nothing is done (%j)', async (reason) => {
  const server = await startAdmin({ write: true, overview })
  const answer = await order(server, { action: 'stop', reason })
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain('A reason is needed')
  expect(server.stops).toEqual([])
})

test('an order of another page, another act or another day is not obeyed', async () => {
  let now = Date.now()
  const server = await startAdmin({ write: true, overview, clock: () => now })
  const token = await tokenOf(server, 'stop')
  const sent = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    server.get('/brake', { method: 'POST', body: new URLSearchParams({ reason: 'why', ...fields }), headers })
  expect((await sent({ action: 'stop', token: '' })).status).toBe(403)
  expect((await sent({ action: 'stop', token: `${token.split('.')[0]}.${'x'.repeat(43)}` })).status).toBe(403)
  expect((await sent({ action: 'resume', token })).status).toBe(403)
  expect((await sent({ action: 'stop', oid_partner: PARTNER, token })).status).toBe(403)
  for (const headers of [
    { origin: 'https://attacker.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    expect((await sent({ action: 'stop', token }, headers)).status).toBe(403)
  }
  now += 11 * 60_000
  expect((await sent({ action: 'stop', token })).status).toBe(403)
  expect(server.stops).toEqual([])
  expect(server.operations).toEqual([])
})

test('what cannot be stopped is refused', async () => {
  const server = await startAdmin({ write: true, overview })
  expect((await server.get('/brake')).status).toBe(400)
  expect((await server.get('/brake?action=explode')).status).toBe(400)
  expect((await server.get(`/brake?action=stop&oid_partner=${encodeURIComponent('<b>')}`)).status).toBe(404)
  expect((await server.get('/brake', { method: 'POST', body: new URLSearchParams({}) })).status).toBe(400)
  expect(server.stops).toEqual([])
})

test('without ADMIN_WRITE there is no brake', async () => {
  const server = await startAdmin({ write: false, overview })
  expect(await (await server.get('/')).text()).not.toContain('<form')
  expect((await server.get('/brake?action=stop')).status).toBe(404)
  expect((await server.get('/brake', { method: 'POST' })).status).toBe(404)
})

test('while stopped the page offers to resume', async () => {
  const stopped = { by: 'on-call', at: Date.now() - 60_000, reason: 'INC-1' }
  const server = await startAdmin({ write: true, overview: async () => quietOverview({ stopped }) })
  const page = await (await server.get('/')).text()
  expect(page).toContain('Resume all sending')
  expect(page).toMatch(/All sending is stopped by on-call since .*INC-1/)
})

async function order(server: AdminServer, fields: Record<string, string>): Promise<Response> {
  const { action = '', oid_partner } = fields
  const token = await tokenOf(server, action, oid_partner)
  return server.get('/brake', { method: 'POST', body: new URLSearchParams({ ...fields, token }) })
}

async function tokenOf(server: AdminServer, action: string, oid_partner?: string): Promise<string> {
  const query = new URLSearchParams({ action, ...(oid_partner !== undefined && { oid_partner }) })
  const page = await (await server.get(`/brake?${query.toString()}`)).text()
  return /name="token" value="([^"]+)"/.exec(page)?.[1] ?? ''
}
