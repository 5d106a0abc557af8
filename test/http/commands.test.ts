import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { HOLD_REASONS } from '../../src/refund/record.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { testNamespace } from '../support/redis.ts'
import { startAdmin } from './admin-server.ts'
import { busyOverview, PARTNER, quietOverview } from './overviews.ts'

const PROGRAM = new URL('../../src/cli/program.ts', import.meta.url).href
const CHANGES = /^refundctl (?:release|resolve|resume)/

/** Runs many command lines in one process; prints those that refundctl does not take. */
const RUN_ALL = `
  import { runCommandLine } from ${JSON.stringify(PROGRAM)}
  const { env, stdin, stdout, stderr } = process
  const wrongUsage = 2
  const refused = []
  for (const line of JSON.parse(process.argv[1])) {
    if ((await runCommandLine(line, { env, stdin, stdout: stderr, stderr })) === wrongUsage) refused.push(line.join(' '))
  }
  stdout.write(JSON.stringify(refused))
`

test('every command that the page names is one of refundctl', async () => {
  const commands = await commandsOfThePage()
  expect(commands.length).toBeGreaterThan(15)
  const { redisUrl, queuePrefix, ledgerPrefix } = testNamespace()
  const env = {
    ...programEnvironment,
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: queuePrefix,
    LEDGER_PREFIX: ledgerPrefix,
    LIANLIAN_OID_PARTNER: PARTNER,
  }
  const lines = commands.map((command) => {
    const line = command.replace('refundctl ', '').replace('--succeeded|', '')
    return `${line}${CHANGES.test(command) ? ' --dry-run' : ''}`.split(' ')
  })
  const ran = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', RUN_ALL, JSON.stringify([...lines, ['list', '--no-such-option']])],
    { env, timeout: 50_000 },
  )
  expect(ran.stdout).toBe('["list --no-such-option"]')
}, 60_000)

/** All that it can name: every hold, every stop, every doubt. */
async function commandsOfThePage(): Promise<readonly string[]> {
  const some = { count: 1, fen: 1 }
  const view = busyOverview()
  const [queue] = quietOverview().queues
  const everyHold = { ...view.holds }
  for (const reason of HOLD_REASONS) everyHold[reason] = some
  const stopped = { by: 'on-call', at: 1, reason: 'r' }
  const { get } = await startAdmin({
    overview: async () => ({
      ...view,
      holds: everyHold,
      stopped,
      gates: [{ oid_partner: PARTNER, breaker: 'open', balance: 'open', stopped }],
      queues: queue ? [{ ...queue, paused: true }] : [],
    }),
  })
  const page = await (await get('/')).text()
  return [...new Set([...page.matchAll(/<code>([^<]+)<\/code>/g)].map(([, command = '']) => command))]
}
