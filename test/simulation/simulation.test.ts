import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { HOLD_REASONS, STATES } from '../../src/refund/record.ts'
import { runBatch } from './batch.ts'
import { runSchedule } from './schedule.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

test('three hundred schedules lose no refund, double none, and tell of none what is not true', {
  timeout: 60_000,
}, async () => {
  const { failures, figures } = await runBatch({ first: 1, step: 1, count: 300, without: undefined })
  expect(failures).toEqual([])
  expect(figures.refunds).toBeGreaterThan(1000)
  expect(figures.sends).toBeGreaterThan(1000)
  expect(figures.crashes).toBeGreaterThan(300)
  expect(figures.pauses).toBeGreaterThan(100)
})

/** What a schedule may tell, as its trace says it. */
const TOLD = [
  ...HOLD_REASONS,
  ...STATES.map((state) => `> ${state}`),
  'crash before',
  'crash after',
  'pause before',
  'pause after',
  'twice',
  'not done',
  'reply lost',
  'stale',
  'breach over_refund',
  'loses the lock of',
  'met a fault of ours',
  'no_refund_conflict',
  'every key of the queues is deleted',
  'cannot be reached for',
  'no balance for',
  'hidden from its wall clock',
  'hidden from its monotonic clock',
  'the claim ran out',
  'the request is under way',
  'the request is lost',
  'denies it for',
  'denied for long enough, sent again',
  'the sender was not heard of again',
  'too late to decide anything',
  'insufficient_balance lifted',
  'a notification came before the job',
  'older than the ledger may remember',
  'the answer is garbled',
  '(forged)',
  'contradiction: notification says',
  'the call rate is spent',
  'event refund.corrected',
  'event refund.held',
  'by release',
  'by resolve',
  'by cancel',
]

test('the schedules reach every state and hold, and every fault that they are made for', {
  timeout: 120_000,
}, async () => {
  const missing = new Set(TOLD)
  const trace = (line: string): void => {
    for (const told of missing) if (line.includes(told)) missing.delete(told)
  }
  for (let seed = 1; seed <= 1500 && missing.size > 0; seed++) await runSchedule({ seed, trace })
  expect([...missing]).toEqual([])
})

describe('a seed', () => {
  const traceOf = async (seed: number): Promise<string[]> => {
    const trace: string[] = []
    await runSchedule({ seed, trace: (line) => trace.push(line) })
    return trace
  }

  test.for([7, 19, 83])('does the same again, step by step: %i', async (seed) => {
    const trace = await traceOf(seed)
    expect(trace.length).toBeGreaterThan(20)
    expect(await traceOf(seed)).toEqual(trace)
  })

  test('does what it does whether or not somebody listens', async () => {
    const told = await runSchedule({ seed: 5, trace: () => {} })
    expect(await runSchedule({ seed: 5 })).toEqual(told)
  })

  test('is unlike another', async () => {
    expect(await traceOf(7)).not.toEqual(await traceOf(8))
  })
})

describe('the program', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', timeout: 60_000 })

  test('ends with one line of figures and 0 when nothing is violated', () => {
    const { status, stdout } = run('--schedules', '20', '--seed', '3')
    expect(stdout.trim()).toMatch(/^20 schedules, 0 violations, \d+ refunds, \d+ sends, .* in \d+\.\d s$/)
    expect(status).toBe(0)
  })

  test('ends with 1 where something is, and names a seed that alone shows it again', () => {
    const { status, stdout } = run('--schedules', '30', '--seed', '1', '--without', 'claim')
    expect(status).toBe(1)
    const seed = /--replay (\d+) --without claim/.exec(stdout)?.[1] ?? ''
    const again = run('--replay', seed, '--without', 'claim')
    expect(again.status).toBe(1)
    const traced = (output: string): string => output.slice(0, output.indexOf(`seed ${seed}:`))
    expect(traced(again.stdout)).toContain('VIOLATION')
    expect(traced(again.stdout)).toBe(traced(stdout))
  })

  test.for(['--schedules=many', '--without=luck', '--what'])('takes no %s', (argument) => {
    const { status, stderr } = run(argument)
    expect(status).toBe(2)
    expect(stderr).toContain('--schedules N')
  })
})
