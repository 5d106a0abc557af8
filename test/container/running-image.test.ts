import { spawnSync } from 'node:child_process'
import { describe, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { PARTNER } from '../e2e/settings.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { testNamespace } from '../support/redis.ts'

/** An image that was built from here, `TEST_IMAGE=lianlian-refund-worker`, and a Docker engine of this machine that has it. */
const IMAGE = process.env.TEST_IMAGE ?? ''

const lockFile = z.object({ packages: z.record(z.string(), z.unknown()) })
const bill = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.object({ name: z.string(), version: z.string(), hashes: z.array(z.unknown()).default([]) })),
})

function docker(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** As docker-compose.yml runs it, and without a shell. */
const HARDENED = [
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges:true',
  '--ulimit=core=0',
  ...['/bin/sh', '/bin/dash', '/bin/bash'].map((shell) => `--volume=/dev/null:${shell}:ro`),
]

describe.skipIf(IMAGE === '')('the image, run read-only, without capabilities and without a shell', () => {
  test('tells the faults of its settings and ends with 1', () => {
    const { status, stderr } = docker('run', '--rm', '--network=none', ...HARDENED, IMAGE)
    expect(status).toBe(1)
    expect(stderr).toContain('REDIS_URL: required')
    expect(stderr).not.toContain('    at ')
  })

  test('works as a role without a private key, is healthy, holds nothing, and ends when it is told to', {
    timeout: 60_000,
  }, async () => {
    const { queuePrefix, ledgerPrefix } = testNamespace()
    const env = {
      REDIS_URL: inject('redisUrl'),
      QUEUE_PREFIX: queuePrefix,
      LEDGER_PREFIX: ledgerPrefix,
      LIANLIAN_OID_PARTNER: PARTNER,
      REQUIRE_DURABLE_REDIS: 'false',
    }
    const given = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
    const program = ['node', 'dist/workers/publish.js']
    const started = docker('run', '--detach', '--network=host', ...HARDENED, ...given, IMAGE, ...program)
    expect(started.stderr).toBe('')
    const id = started.stdout.trim()
    cleanUp(() => docker('rm', '--force', id))
    await eventually(() => expect(docker('logs', id).stdout).toContain('"msg":"started"'), { timeoutMs: 30_000 })
    await eventually(() => expect(docker('exec', id, 'node', 'dist/workers/health.js').status).toBe(0))
    expect(docker('exec', id, 'sh').status).not.toBe(0)

    const read =
      'for (const name of ["status", "limits"]) console.log(require("fs").readFileSync("/proc/1/" + name, "utf8"))'
    const about = docker('exec', id, 'node', '--eval', read).stdout
    expect(about).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m)
    expect(about).toMatch(/^CapEff:\t0+$/m)
    expect(about).toMatch(/^CapBnd:\t0+$/m)
    expect(about).toMatch(/^NoNewPrivs:\t1$/m)
    expect(about).toMatch(/^Max core file size +0 +0 /m)
    expect(
      docker('diff', id)
        .stdout.split('\n')
        .filter((line) => /^[AC] \/(?!dev|proc|run|etc|bin|usr$|usr\/bin)/.test(line)),
    ).toEqual([])

    expect(docker('stop', '--time=20', id).status).toBe(0)
    expect(docker('inspect', '--format={{.State.ExitCode}}', id).stdout.trim()).toBe('0')
    expect(docker('logs', id).stderr).toBe('')
  })

  test('carries a bill of all packages that it has, with their hashes, and of none for development', () => {
    const print = 'console.log(require("fs").readFileSync("sbom.cdx.json", "utf8"))'
    const { stdout } = docker('run', '--rm', ...HARDENED, IMAGE, 'node', '--eval', print)
    const { components } = bill.parse(JSON.parse(stdout))
    const names = new Set(components.map(({ name }) => name))
    // those for macOS have none, and are not in the image
    expect(components.filter(({ name, hashes }) => hashes.length === 0 && !name.includes('darwin'))).toEqual([])
    const list = 'console.log(require("fs").readFileSync("node_modules/.package-lock.json", "utf8"))'
    const installed = docker('run', '--rm', ...HARDENED, IMAGE, 'node', '--eval', list).stdout
    const { packages } = lockFile.parse(JSON.parse(installed))
    const there = Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ''))
    expect(there.length).toBeGreaterThan(100)
    expect(there.filter((name) => !names.has(name))).toEqual([])
    expect([...names].filter((name) => ['vitest', 'knip', 'oxlint', '@biomejs/biome'].includes(name))).toEqual([])
  })
})
