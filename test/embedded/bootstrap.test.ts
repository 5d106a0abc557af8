import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'

const bootstrap = fileURLToPath(new URL('../../src/embedded/bootstrap.mjs', import.meta.url))

async function program(source: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'bootstrap-'))
  cleanUp(async () => rm(dir, { recursive: true, force: true }))
  const file = join(dir, 'program.ts')
  await writeFile(file, source)
  return file
}

interface Run {
  readonly child: ChildProcess
  readonly output: () => string
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

function start(...args: string[]): Run {
  const child = spawn(process.execPath, [bootstrap, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  cleanUp(() => child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode }))
  return { child, output: () => text, ended }
}

test('a TypeScript file runs under Node 24 or later with its arguments, and its exit code passes through', async () => {
  const file = await program(
    'const which: number = Number.parseInt(process.versions.node, 10)\n' +
      'console.log(which >= 24, process.argv.slice(2))\nprocess.exitCode = 7\n',
  )
  const run = start(file, '--refunds', '5', 'two words')
  expect(await run.ended).toEqual({ code: 7, signal: null })
  expect(run.output()).toBe("true [ '--refunds', '5', 'two words' ]\n")
})

const heedful = `
process.on('SIGTERM', () => console.log('told to end'))
process.on('SIGINT', () => console.log('interrupted'))
console.log('up')
setTimeout(() => process.exit(3), 1500)
`

test('a signal reaches the program once, even when it comes from the terminal and from npm at once', async () => {
  const run = start(await program(heedful))
  await eventually(() => run.output().includes('up'))
  run.child.kill('SIGINT')
  run.child.kill('SIGINT')
  run.child.kill('SIGTERM')
  expect((await run.ended).code).toBe(3)
  expect(run.output().split('\n').filter(Boolean).toSorted()).toEqual(['interrupted', 'told to end', 'up'])
})

test('a second Ctrl-C of a person reaches the program too', async () => {
  const run = start(await program(heedful))
  await eventually(() => run.output().includes('up'))
  run.child.kill('SIGINT')
  await sleep(500)
  run.child.kill('SIGINT')
  await run.ended
  expect(run.output().match(/interrupted/g)).toHaveLength(2)
})

test('a program that a signal ended is reported as ended by that signal', async () => {
  const run = start(await program("console.log('up')\nsetTimeout(() => {}, 20_000)\n"))
  await eventually(() => run.output().includes('up'))
  run.child.kill('SIGTERM')
  expect(await run.ended).toEqual({ code: null, signal: 'SIGTERM' })
})

test('without a target it says how it is used', async () => {
  const run = start()
  expect(await run.ended).toEqual({ code: 1, signal: null })
  expect(run.output()).toMatch(/^usage: .*\n$/)
})
