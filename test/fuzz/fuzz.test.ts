import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../config/load.ts'
import { readReportLine } from '../../src/books/report-line.ts'
import { classifyQuery, classifySubmit } from '../../src/lianlian/classify.ts'
import { readNotification } from '../../src/lianlian/notification.ts'
import { parseRefundJob } from '../../src/refund/job-data.ts'
import { seeded } from '../simulation/random.ts'
import { cleanUp } from '../support/clean-up.ts'
import { readArguments } from './arguments.ts'
import { keepFinding, keptFinding } from './findings.ts'
import { run, tried } from './run.ts'
import type { Finding, Target } from './target.ts'
import { answerTarget } from './targets/answer.ts'
import { jobTarget } from './targets/job.ts'
import { notificationTarget, type ReadNotification } from './targets/notification.ts'
import { receiverTarget } from './targets/receiver.ts'
import { reportTarget } from './targets/report.ts'
import { settingsTarget } from './targets/settings.ts'
import { allTargets } from './targets.ts'

const SEED = 1
const strays = () => []

async function findingsOf(targets: readonly Target[], limits: { readonly executions: number }) {
  const findings: Finding[] = []
  const onFinding = (finding: Finding) => void findings.push(finding)
  const ran = await run({ targets, seed: SEED, ...limits, mostFindings: 1, onFinding, strays })
  for (const { close } of targets) await close?.()
  return { findings, ran }
}

/** Two or three seconds together on an idle machine. */
const SHORT: Readonly<Record<string, number>> = {
  notification: 6000,
  receiver: 250,
  answer: 1500,
  client: 80,
  job: 800,
  settings: 150,
  report: 250,
}

describe('a short run finds nothing', () => {
  test.each(allTargets().map(({ name }) => name))('%s', { timeout: 60_000 }, async (name) => {
    const targets = allTargets().filter((target) => target.name === name)
    const { findings, ran } = await findingsOf(targets, { executions: SHORT[name] ?? 0 })
    expect(findings).toEqual([])
    expect(ran).toMatchObject([{ executions: SHORT[name] }])
  })
})

test('what was found once is found no more', async () => {
  const folder = fileURLToPath(new URL('corpus/found/', import.meta.url))
  const targets = allTargets()
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.finding.txt'))) {
    const finding = keptFinding(path.join(folder, name))
    const target = targets.find((each) => each.name === finding.target)
    expect(target, name).toBeDefined()
    if (target) expect(await tried(target, finding.input, strays), name).toBeUndefined()
  }
  for (const { close } of targets) await close?.()
})

test('the same seed makes the same inputs', () => {
  for (const make of allTargets().map((target) => target.make)) {
    const three = () => [1, 2, 3].map((seed) => make(seeded(seed)))
    expect(three()).toEqual(three())
  }
})

/** Takes every message whose JSON it can read, as if no signature had to hold. */
const believing: ReadNotification = (body, keysOf) => {
  const reading = readNotification(body, keysOf)
  if (reading.kind !== 'forged') return reading
  const said = JSON.parse(Buffer.from(body).toString())
  const { oid_partner = '', no_refund = '', sta_refund = '' } = said
  return { kind: 'verified', id: { oid_partner, no_refund }, notice: { fields: { sta_refund } } }
}

const changed = (change: (body: string) => string): ReadNotification => {
  return (body, keysOf) => readNotification(Buffer.from(change(Buffer.from(body).toString())), keysOf)
}

const careless: Readonly<Record<string, () => Target>> = {
  'a notification read without its signature': () => notificationTarget(believing),
  'a forgery that the receiver acknowledges': () => receiverTarget(believing),
  'a signature that is trimmed before it is looked at': () =>
    notificationTarget(changed((body) => body.replace(/("sign":"[A-Za-z0-9+/]{86,})[^A-Za-z0-9+/="]+/, '$1'))),
  'numbers taken as texts': () =>
    notificationTarget(changed((body) => body.replaceAll(/:\s*(-?[0-9.]+)([,}])/g, ':"$1"$2'))),
  'an exception for what is not JSON': () =>
    notificationTarget((body, keysOf) => {
      JSON.parse(Buffer.from(body).toString())
      return readNotification(body, keysOf)
    }),
  'a true notification refused for the order of its keys': () =>
    notificationTarget((body, keysOf) =>
      Buffer.from(body).toString().trim().startsWith('{"sta_refund"')
        ? { kind: 'unreadable', reason: 'an odd order' }
        : readNotification(body, keysOf),
    ),
  'a refusal that quotes what it refuses': () =>
    notificationTarget((body, keysOf) => {
      const reading = readNotification(body, keysOf)
      return reading.kind === 'forged' ? { ...reading, reason: `bad: ${Buffer.from(body).toString()}` } : reading
    }),
  'a field put onto every object': () =>
    notificationTarget((body, keysOf) => {
      if (Buffer.from(body).includes('polluted')) Reflect.set(Object.prototype, 'polluted', 'yes')
      return readNotification(body, keysOf)
    }),
  'an endless loop, nearly, for deep nesting': () =>
    notificationTarget((body, keysOf) => {
      const until = performance.now() + (Buffer.from(body).includes('[[[[[') ? 130 : 0)
      while (performance.now() < until);
      return readNotification(body, keysOf)
    }),
  'an unsigned 0000 that is believed': () =>
    answerTarget({
      query: classifyQuery,
      submit: (received) => {
        const outcome = classifySubmit(received)
        return outcome.kind === 'unclear' && /without a signature/.test(outcome.reason)
          ? { kind: 'accepted', fields: outcome.fields }
          : outcome
      },
    }),
  'an answer of HTTP status 500 that is read': () =>
    answerTarget({
      query: classifyQuery,
      submit: ({ exchange, ...received }) =>
        classifySubmit({
          ...received,
          exchange: exchange.kind === 'answered' ? { ...exchange, status: 200 } : exchange,
        }),
    }),
  'an unsigned refusal that ends a refund against the settings': () =>
    answerTarget({
      query: classifyQuery,
      submit: (received) => classifySubmit({ ...received, trustUnsignedRefusals: true }),
    }),
  'an amount of job data that is a number': () =>
    jobTarget((data, defaults) => {
      const value = typeof data === 'object' && data !== null ? data : {}
      const money = 'money_refund' in value ? value.money_refund : undefined
      return parseRefundJob(typeof money === 'number' ? { ...value, money_refund: String(money) } : data, defaults)
    }),
  'an amount rounded by floating point': () =>
    jobTarget((data, defaults) => {
      const parsed = parseRefundJob(data, defaults)
      if (!parsed.ok) return parsed
      const { request } = parsed
      return { ...parsed, request: { ...request, fen: Math.trunc((request.fen / 100) * 100 * 1.000_000_1) } }
    }),
  'a fault of settings that quotes a key': () =>
    settingsTarget((env, options) => {
      const loaded = loadSettings(env, options)
      const key = options?.readFile?.('/c/key.pem') ?? ''
      return loaded.ok ? loaded : { ok: false, faults: loaded.faults.map((fault) => `${fault}: ${key.slice(40, 90)}`) }
    }),
  'a report whose amount keeps its sign': () =>
    reportTarget((...line) => {
      const read = readReportLine(...line)
      return read.kind === 'refund' ? { ...read, refund: { ...read.refund, fen: -read.refund.fen } } : read
    }),
}

describe('the fuzzer finds', () => {
  test.each(Object.keys(careless))('%s', async (name) => {
    const target = careless[name]?.()
    const { findings } = await findingsOf(target ? [target] : [], { executions: 20_000 })
    expect(findings).toHaveLength(1)
  })
})

describe('the program', () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const ran = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 60_000 })

  test('ends with one line of figures and 0 when it finds nothing', () => {
    const { status, stdout } = ran('--executions', '50', '--seed', '3', '--target', 'notification')
    expect(stdout).toMatch(/^notification: 50 in .*\nseed 3: 50 executions, [0-9,]+\/s, 0 findings\n$/)
    expect(status).toBe(0)
  })

  test('keeps a finding as a file, which alone shows it again', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-'))
    cleanUp(() => rmSync(folder, { recursive: true }))
    const target = notificationTarget()
    const input = { ...target.make(seeded(1)), note: 'intact', bytes: Buffer.from('{}') }
    const finding: Finding = { target: 'notification', seed: 1, iteration: 7, wrong: 'as it was', input }
    const file = keepFinding(folder, finding)
    expect(keptFinding(file)).toEqual(finding)
    const { status, stdout } = ran('--replay', file)
    expect(stdout).toMatch(/^notification, seed 1, iteration 7: a true message was refused/)
    expect(status).toBe(1)
    writeFileSync(file, '{}')
    expect(ran('--replay', file).status).toBe(1)
  })

  test.each(['--seconds=many', '--seed=-1', '--what'])('takes no %s', (argument) => {
    expect(readArguments([argument])).toBeTypeOf('string')
  })

  test('says how it is used where it cannot follow', () => {
    const { status, stderr } = ran('--target=luck')
    expect(status).toBe(2)
    expect(stderr).toContain('--seconds N')
  })
})
