import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const module = new URL('../../config/reread.ts', import.meta.url).href
// a process of its own: one that reads an empty pipe stands still
const twice = `
  const { settingsFiles } = await import(${JSON.stringify(module)})
  const files = settingsFiles({})
  console.log(files.readFile(process.argv[1]), files.present() === files.read())
  files.begin()
  console.log(files.readFile(process.argv[1]))`

test('a pipe that names a secret is read once, and nobody waits for it to speak again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'refund-pipe-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const pipe = join(folder, 'secret')
  spawnSync('sh', ['-c', 'mkfifo "$0"', pipe])
  spawn('sh', ['-c', 'printf told > "$0"', pipe], { stdio: 'ignore' })
  const args = ['--input-type=module', '--eval', twice, pipe]
  const { stdout, signal } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })
  expect(signal).toBe(null)
  expect(stdout).toBe('told true\ntold\n')
})
