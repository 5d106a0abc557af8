import { get as httpGet } from 'node:http'
import { describe, expect, test } from 'vitest'
import { bearing, CREDENTIALS, startAdmin } from './admin-server.ts'

const GUARDED = ['/', '/status.css', '/queues', '/queues/', '/queues/queue/refund', '/queues/api/queues']
const BOARD_FILES = ['/queues/static/favicon-32x32.png', '/queues/api/redis/stats']

describe('with credentials configured', () => {
  test.for([...GUARDED, ...BOARD_FILES, '/brake'])('%s is for those who have them', async (path) => {
    const { url, get } = await startAdmin({ write: true })
    const answer = await fetch(url + path)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('Basic realm="refunds"')
    expect(await answer.text()).toBe('Unauthorized')
    for (const wrong of [
      { user: CREDENTIALS.user, password: '' },
      { user: CREDENTIALS.user, password: `${CREDENTIALS.password} ` },
      { user: 'LI.NA', password: CREDENTIALS.password },
      { user: '', password: '' },
    ]) {
      expect((await fetch(url + path, { headers: bearing(wrong) })).status).toBe(401)
    }
    expect((await fetch(url + path, { headers: { authorization: 'Bearer x' } })).status).toBe(401)
    expect((await get(path === '/brake' ? '/brake?action=stop' : path)).status).toBe(200)
  })

  test('probes and metrics are for everybody', async () => {
    const { url } = await startAdmin()
    for (const path of ['/livez', '/readyz', '/metrics']) expect((await fetch(url + path)).status).toBe(200)
  })

  test('a wrong password is logged without what was given', async () => {
    const { url, log } = await startAdmin()
    await fetch(`${url}/queues`, { headers: bearing({ user: 'oops-my-password', password: 'hunter2' }) })
    expect(log.map(({ msg }) => msg)).toContain('wrong admin credentials')
    expect(JSON.stringify(log)).not.toMatch(/oops-my-password|hunter2|b29wcy/)
  })

  test('whoever tries one password after the other does not fill the log', async () => {
    const { url, log } = await startAdmin()
    for (let tries = 0; tries < 30; tries++) {
      await fetch(url, { headers: bearing({ user: CREDENTIALS.user, password: String(tries) }) })
    }
    expect(log.filter(({ msg }) => msg === 'wrong admin credentials')).toHaveLength(10)
  })

  test('a HEAD or a write finds no way around', async () => {
    const { url } = await startAdmin({ write: true })
    for (const method of ['HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']) {
      const statuses = await Promise.all(
        ['/queues/', '/queues/api/queues/pause', '/queues/api/queues/refund/pause', '/brake', '/'].map(
          async (path) => (await fetch(url + path, { method })).status,
        ),
      )
      expect(statuses.filter((status) => status !== 401 && status !== 404)).toEqual([])
    }
  })
})

describe('without credentials configured', () => {
  test('nobody sees or changes a queue', async () => {
    const { url } = await startAdmin({ open: true, write: true })
    for (const path of ['/queues', '/queues/', '/queues/api/queues', ...BOARD_FILES]) {
      const answer = await fetch(url + path)
      expect([path, answer.status]).toEqual([path, 403])
      expect(await answer.text()).toContain('ADMIN_USER')
    }
    expect((await fetch(`${url}/queues/api/queues/refund/pause`, { method: 'PUT' })).status).toBe(403)
  })

  test('the status page is shown on this machine, without the brake and the way to the queues', async () => {
    const { url } = await startAdmin({ open: true, write: true })
    const page = await (await fetch(url)).text()
    expect(page).toContain('All well')
    expect(page).not.toContain('Stop all sending')
    expect(page).not.toContain('href="/queues"')
    expect((await fetch(`${url}/brake?action=stop`)).status).toBe(404)
  })

  test.for(['/', '/status.css', '/metrics'])('%s is not told to a page that points its name here', async (path) => {
    const { url } = await startAdmin({ open: true })
    expect(await statusWithHost(url + path, 'attacker.example')).toBe(403)
    expect(await statusWithHost(url + path, '127.0.0.1.attacker.example:9090')).toBe(403)
    expect(await statusWithHost(url + path, 'localhost:9090')).toBe(200)
    expect(await statusWithHost(url + path, '[::1]:9090')).toBe(200)
    expect(await statusWithHost(url + path, '127.0.0.2')).toBe(200)
  })

  test('probes answer under every name', async () => {
    const { url } = await startAdmin({ open: true })
    expect(await statusWithHost(`${url}/livez`, 'refunds-admin.pod')).toBe(200)
    expect(await statusWithHost(`${url}/readyz`, 'refunds-admin.pod')).toBe(200)
  })
})

test.for(['/', '/queues', '/livez', '/metrics', '/brake?action=stop'])(
  '%s comes with headers that keep it from being framed, stored, sniffed or told on',
  async (path) => {
    const { get } = await startAdmin({ write: true })
    const { headers } = await get(path)
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/script-src[^;]*unsafe/)
  },
)

async function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    httpGet(url, { headers: { host }, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    }).on('error', reject)
  })
}
