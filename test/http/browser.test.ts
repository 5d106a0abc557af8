import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { type AdminServer, CREDENTIALS, startAdmin } from './admin-server.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { busyOverview, quietOverview } from './overviews.ts'

const LONG = 'a-very-long-name-without-a-place-to-break-it'.repeat(4)

// a browser on a busy machine takes its time
describe.skipIf(!hasChromium())('in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  /** A page of the server in a browser that is logged in, and everything that it complained about. */
  async function open({ url }: AdminServer, path: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({
      httpCredentials: { username: CREDENTIALS.user, password: CREDENTIALS.password },
      ...options,
    })
    cleanUp(() => context.close())
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', async (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`)
      await dialog.dismiss()
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
        complaints.push(`asked ${request.url()}`)
    })
    await page.goto(url + path, { waitUntil: 'networkidle' })
    return { page, complaints }
  }

  test('the status page is read without JavaScript, and nothing is complained about', async () => {
    const server = await startAdmin({ overview: async () => busyOverview() })
    const { page, complaints } = await open(server, '/', { javaScriptEnabled: false })
    expect(await page.title()).toBe('Refunds: 9 to look at')
    expect(await page.getByRole('status', { name: 'Problems' }).isVisible()).toBe(true)
    expect(await page.getByRole('table', { name: 'Refunds by state' }).isVisible()).toBe(true)
    expect(await page.getByRole('row', { name: /processing/ }).textContent()).toContain('¥284,609.11')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Refunds')
    expect(complaints).toEqual([])
  })

  test('the status page renews itself', async () => {
    let asked = 0
    const server = await startAdmin({
      overview: async () => {
        asked += 1
        return quietOverview()
      },
    })
    await open(server, '/', { javaScriptEnabled: false })
    await eventually(() => expect(asked).toBeGreaterThan(1), { timeoutMs: 40_000 })
  })

  test('it is dark where the reader likes it dark, and styled in both', async () => {
    const server = await startAdmin({ overview: async () => busyOverview() })
    const grounds = await Promise.all(
      (['light', 'dark'] as const).map(async (colorScheme) => {
        const { page, complaints } = await open(server, '/', { colorScheme })
        expect(complaints).toEqual([])
        return page.evaluate('getComputedStyle(document.body).backgroundColor')
      }),
    )
    expect(grounds).toEqual(['rgb(246, 247, 249)', 'rgb(17, 22, 29)'])
  })

  test.for([320, 360, 768, 1440])('nothing is cut off at %i pixels, however long names and sums are', async (width) => {
    const view = busyOverview()
    const server = await startAdmin({
      write: true,
      overview: async () => ({
        ...view,
        states: { ...view.states, processing: { count: 9_999_999, fen: 99_999_999_999_999 } },
        open: { count: 9_999_999, fen: 99_999_999_999_999 },
        oldestOpen: { oid_partner: '1', no_refund: LONG, since: 0 },
        durabilityFaults: [LONG],
        operations: [{ at: 1, by: LONG, action: LONG, reason: LONG }],
        stopped: { by: LONG, at: 1, reason: LONG },
        alive: [{ host: LONG, pid: 1, roles: ['submit'], seen: 1 }],
        lastHour: { ...view.lastHour, [`submit:${LONG}:${LONG}`]: 1 },
      }),
    })
    for (const path of ['/', '/brake?action=stop']) {
      const { page } = await open(server, path, { viewport: { width, height: 800 } })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(await beyondTheirBox(page)).toEqual([])
    }
  })

  test('the brake is pulled by two clicks and a reason', async () => {
    const server = await startAdmin({ write: true, overview: async () => busyOverview() })
    const { page, complaints } = await open(server, '/', { javaScriptEnabled: false })
    await page.getByRole('button', { name: 'Stop all sending' }).click()
    await page.getByLabel(/Reason/).fill('gateway pays twice, INC-7')
    expect(await page.textContent('main')).toContain('1,241 refunds, ¥300,830.96')
    await page.getByRole('button', { name: 'Stop all sending' }).click()
    await page.waitForURL(`${server.url}/`)
    expect(server.stops).toEqual([
      { oid_partner: undefined, stop: expect.objectContaining({ reason: 'gateway pays twice, INC-7' }) },
    ])
    expect(complaints).toEqual([])
  })

  test('Bull Board loads under its policy and shows a job', async () => {
    const server = await startAdmin()
    await server.queues[0].add('refund', { no_refund: '2013051500001', money_refund: '200.01' })
    const { page, complaints } = await open(server, '/queues')
    await page
      .getByRole('link', { name: /^refund$/ })
      .first()
      .click()
    await page.getByText('2013051500001').first().waitFor()
    expect(complaints).toEqual([])
  })

  test('a queue is paused on the board with ADMIN_WRITE', async () => {
    const server = await startAdmin({ write: true })
    const { page } = await open(server, '/queues/queue/refund')
    const status = await page.evaluate(
      "fetch('/queues/api/queues/refund/pause', { method: 'PUT' }).then((answer) => answer.status)",
    )
    expect(status).toBe(200)
    expect(await server.queues[0].isPaused()).toBe(true)
    expect(server.operations).toEqual([expect.objectContaining({ by: CREDENTIALS.user, action: 'pause refund' })])
  })

  test('job data never run as code', async () => {
    const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
    const server = await startAdmin()
    await server.queues[0].add(evil, { no_refund: evil, [evil]: evil }, { jobId: 'evil' })
    const { page, complaints } = await open(server, '/queues/queue/refund')
    await page.getByText('alert(2)').first().waitFor()
    expect(complaints).toEqual([])
  })
})

/** Texts that stick out of what holds them. */
async function beyondTheirBox(page: Page): Promise<unknown> {
  return page.evaluate(`[...document.querySelectorAll('td, th, dd, li, p, code, button, input')]
    .filter((element) => element.clientWidth > 0 && element.closest('thead') === null)
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120))`)
}
