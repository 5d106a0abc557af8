import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'

type Entry = Readonly<Record<string, unknown>>

const ci = (name: string) => fileURLToPath(new URL(`../../.ci/${name}`, import.meta.url))
const integrity = `sha512-${'A'.repeat(86)}==`
const fine: Entry = { version: '1.2.3', integrity, license: 'MIT' }

function projectOf(entries: Readonly<Record<string, Entry>>, more: Entry = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'refund-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const dependencies = { one: '1.2.3' }
  const packages = { '': { dependencies }, 'node_modules/one': fine, ...entries }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies, ...more }))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }))
  return folder
}

function faultsOf(script: string, ...args: readonly string[]): readonly string[] {
  const { status, stderr } = spawnSync(process.execPath, [ci(script), ...args], { encoding: 'utf8' })
  const lines = stderr.split('\n').filter((line) => line !== '')
  expect(status).toBe(lines.length === 0 ? 0 : 1)
  return lines
}

describe('the lock file', () => {
  const check = (entry: Entry, more?: Entry) =>
    faultsOf('lock-integrity.mjs', projectOf({ 'node_modules/a/node_modules/two': entry }, more))

  test('has the hash of every package', () => {
    expect(check(fine)).toEqual([])
    expect(check({ ...fine, integrity: undefined })).toEqual([expect.stringMatching(/two: no SHA-512/)])
    expect(check({ ...fine, integrity: 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=' })).toHaveLength(1)
  })

  test('lacks that of packages for macOS alone, where another package names them', () => {
    const mac = { version: '1.2.3', optional: true, os: ['darwin'], cpu: ['arm64'] }
    const parent = { ...fine, optionalDependencies: { 'two-darwin-arm64': '1.2.3' } }
    const entries = { 'node_modules/two': parent, 'node_modules/two-darwin-arm64': mac }
    expect(faultsOf('lock-integrity.mjs', projectOf(entries))).toEqual([])
    for (const wrong of [
      { ...mac, optional: false },
      { ...mac, os: ['linux'] },
      { ...mac, version: '1.2.4' },
    ]) {
      const project = projectOf({ ...entries, 'node_modules/two-darwin-arm64': wrong })
      expect(faultsOf('lock-integrity.mjs', project)).toHaveLength(1)
    }
  })

  test('takes nothing from elsewhere', () => {
    const from = (resolved: string) => check({ ...fine, resolved })
    expect(from('https://registry.npmjs.org/two/-/two-1.2.3.tgz')).toEqual([])
    for (const resolved of [
      'https://registry.npmjs.org.evil.example/two/-/two-1.2.3.tgz',
      'http://registry.npmjs.org/two/-/two-1.2.3.tgz',
      'git+ssh://git@git.example/two.git#0123',
      'file:../two',
    ]) {
      expect(from(resolved), resolved).toEqual([expect.stringMatching(/does not come from npm's registry/)])
    }
    expect(check({ link: true, resolved: 'two' })).not.toEqual([])
  })

  test('takes no other package than the one that is asked for, however right its hash', () => {
    const from = (path: string) => check({ ...fine, resolved: `https://registry.npmjs.org/${path}` })
    for (const path of [
      'evil/-/evil-1.2.3.tgz',
      'two/-/two-1.2.4.tgz',
      '@evil/two/-/two-1.2.3.tgz',
      'two/-/../x.tgz',
    ]) {
      expect(from(path), path).toEqual([expect.stringMatching(/two: does not come from npm's registry/)])
    }
    const scoped = { ...fine, resolved: 'https://registry.npmjs.org/@a/b/-/b-1.2.3.tgz' }
    expect(faultsOf('lock-integrity.mjs', projectOf({ 'node_modules/@a/b': scoped }))).toEqual([])
  })

  test('has another name for a package only where a package that uses it says so', () => {
    const alias = { ...fine, name: 'real', resolved: 'https://registry.npmjs.org/real/-/real-1.2.3.tgz' }
    const using = (wanted: string) => ({ ...fine, dependencies: { two: wanted } })
    const faults = (wanted: string) =>
      faultsOf('lock-integrity.mjs', projectOf({ 'node_modules/two': alias, 'node_modules/three': using(wanted) }))
    expect(faults('npm:real@^1.0.0')).toEqual([])
    for (const wanted of ['^1.0.0', 'npm:really@^1.0.0', 'npm:@evil/real@^1.0.0']) {
      expect(faults(wanted), wanted).toEqual([expect.stringMatching(/two: is real, and nobody asks for that/)])
    }
  })

  test('names no install script that was not decided about', () => {
    const entry = { ...fine, hasInstallScript: true }
    expect(check(entry)).toEqual([expect.stringMatching(/two: has an install script/)])
    expect(check(entry, { allowScripts: { two: false } })).toEqual([])
  })

  test('brings no script of its own, which npm would run whatever the package holds', () => {
    expect(check({ ...fine, scripts: { postinstall: 'evil' } })).toEqual([expect.stringMatching(/two: .*scripts/)])
    expect(check({ ...fine, gypfile: true })).toHaveLength(1)
  })

  test('has the versions that package.json names, each exactly one', () => {
    expect(check(fine, { dependencies: { one: '^1.2.3' } })).toEqual([
      expect.stringMatching(/one: package\.json must name one version/),
      expect.stringMatching(/one: package\.json wants \^1\.2\.3/),
    ])
    expect(check(fine, { dependencies: { one: '1.2.4' } })).toHaveLength(1)
  })
})

describe('licences', () => {
  const check = (entry: Entry) => faultsOf('licences.mjs', projectOf({ 'node_modules/two': entry }))

  test('of what is shipped ask for nothing but a notice', () => {
    for (const license of ['MIT', 'MIT OR GPL-3.0', '(MIT OR CC0-1.0)', 'MIT AND ISC']) {
      expect(check({ ...fine, license }), license).toEqual([])
    }
    for (const license of ['GPL-3.0', 'MPL-2.0', 'MIT AND GPL-3.0', 'SEE LICENSE IN X', '', 'UNLICENSED']) {
      expect(check({ ...fine, license }), license).toEqual([expect.stringMatching(/^node_modules\/two: shipped/)])
    }
    expect(check({ ...fine, license: undefined })).toHaveLength(1)
  })

  test('of what only builds and tests may be a few more', () => {
    expect(check({ ...fine, license: 'MPL-2.0', dev: true })).toEqual([])
    expect(check({ ...fine, license: 'GPL-3.0', dev: true })).toEqual([
      expect.stringMatching(/^node_modules\/two: development/),
    ])
  })
})

test('an audit that found nobody to ask says so, and is no clean bill', () => {
  const args = ['--registry=http://127.0.0.1:9/', '--fetch-retries=0']
  const { status, stderr } = spawnSync(process.execPath, [ci('audit.mjs'), ...args], { encoding: 'utf8' })
  expect(status).toBe(2)
  expect(stderr).toContain('COULD NOT ASK')
})
