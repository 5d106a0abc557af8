import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Result, verdict } from '../../bench/support/results.ts'
import { findRedisProgram } from '../../src/embedded/redis-program.ts'
import { cleanUp } from '../support/clean-up.ts'

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))
const bench = (env: Readonly<Record<string, string>>, ...args: string[]) => {
  const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], options)
  return { status, stdout, stderr }
}

const lacksRedis = findRedisProgram(process.env) === undefined

describe('npm run bench', () => {
  test.skipIf(lacksRedis)(
    'measures with real workers, writes each result and leaves nothing behind',
    { timeout: 120_000 },
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'refund-bench-test-'))
      cleanUp(() => rmSync(folder, { recursive: true }))
      const file = join(folder, 'results.json')
      const { status, stdout, stderr } = bench({ TMPDIR: folder }, '--quick', '--only', 'bytes', '--results', file)
      expect(stderr).toBe('')
      const results: Result[] = JSON.parse(readFileSync(file, 'utf8'))
      expect(results.map(({ name, unit, rounds }) => [name, unit, rounds])).toEqual([
        ['bytes-settled', 'bytes', 1],
        ['bytes-open', 'bytes', 1],
      ])
      for (const { name, ratio } of results) {
        expect(ratio).toBeGreaterThan(100)
        expect(stdout).toMatch(new RegExp(`^${name} `, 'm'))
      }
      expect(status).toBe(results.some((one) => verdict(one) === 'missed') ? 1 : 0)
      expect(readdirSync(folder)).toEqual(['results.json'])
    },
  )

  test('ends with 2 and one line for wrong options, and measures nothing', () => {
    const { status, stdout, stderr } = bench({}, '--only', 'nothing')
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^bench: no such part: nothing \(there are .*end-to-end-1.*\)\n$/)
  })

  test('--help names every part', () => {
    const { status, stdout } = bench({}, '--help')
    expect(status).toBe(0)
    const parts = [
      'end-to-end-1',
      'end-to-end-2',
      'ceiling',
      'cpu-per-part',
      'receiver',
      'appendfsync',
      'backlog',
      'history',
    ]
    for (const part of [...parts, 'soak', 'bytes', 'notification-to-event', 'ack-p99', 'forged-flood', 'recovery']) {
      expect(stdout).toContain(part)
    }
  })
})
