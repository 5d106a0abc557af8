// `node test/http/screenshots.ts [FOLDER]`: takes the pictures of docs/images anew.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Queue } from 'bullmq'
import { pino } from 'pino'
import type { BrowserContext } from 'playwright-core'
import { startRedis } from '../../src/embedded/redis.ts'
import { createAdmin } from '../../src/http/admin/server.ts'
import { returnCode } from '../../src/lianlian/return-codes.ts'
import { launchChromium } from './chromium.ts'
import { busyOverview, PARTNER } from './overviews.ts'

const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs/images/', import.meta.url))
const credentials = { user: 'on-call', password: 'screenshots' }

mkdirSync(folder, { recursive: true })
const dir = mkdtempSync(join(tmpdir(), 'refund-screenshots-'))
const redis = await startRedis({ sources: ['program', 'package'], dir, settings: {} })
const queues = ['refund', 'refund-query', 'refund-completed'].map(
  (name) => new Queue(name, { connection: { url: redis.url } }),
)
const server = createAdmin({
  logger: pino({ level: 'warn' }),
  credentials,
  write: true,
  ready: async () => [],
  overview: async () => busyOverview(),
  metrics: async () => '',
  metricsType: 'text/plain',
  meaningOf: (ret_code) => returnCode(ret_code).meaning,
  queues,
  operator: { stop: async () => {}, resume: async () => true, operated: async () => {} },
  clock: Date.now,
})
const browser = await launchChromium()
try {
  await addJobs()
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  await takePictures(url)
} finally {
  await browser.close()
  await server.close()
  await Promise.all(queues.map((queue) => queue.close()))
  await redis.stop()
  rmSync(dir, { recursive: true, force: true })
}

async function addJobs(): Promise<void> {
  for (const [index, queue] of queues.entries()) {
    await queue.addBulk(
      Array.from({ length: 6 + index }, (_, number) => ({
        name: 'refund',
        data: {
          no_refund: `RF-20261122-0${number + 101}`,
          money_refund: `${number * 37 + 12}.50`,
          no_order: `SO-88${number}`,
          oid_partner: PARTNER,
        },
        opts: { jobId: `refund-${PARTNER}-RF-20261122-0${number + 101}`, ...(number > 3 && { delay: 600_000 }) },
      })),
    )
  }
}

async function takePictures(url: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      colorScheme,
      httpCredentials: { username: credentials.user, password: credentials.password },
      viewport: { width: 1_080, height: 1_350 },
    })
    await picture(context, url, `status-${colorScheme}.png`)
    if (colorScheme === 'light') {
      await picture(context, `${url}/brake?action=stop`, 'brake.png', { width: 1_080, height: 420 })
      await picture(context, `${url}/queues/queue/refund`, 'queues.png', { width: 1_280, height: 800 })
    }
    await context.close()
  }
}

async function picture(
  context: BrowserContext,
  url: string,
  name: string,
  size?: { readonly width: number; readonly height: number },
): Promise<void> {
  const page = await context.newPage()
  if (size) await page.setViewportSize(size)
  await page.goto(url, { waitUntil: 'networkidle' })
  await page.screenshot({ path: join(folder, name) })
  await page.close()
}
