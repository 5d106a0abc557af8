import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { read } from './compose-file.ts'

const lines = read('Dockerfile').split('\n')
const stages = read('Dockerfile')
  .split(/^(?=FROM )/m)
  .slice(1)
const runtime = stages.at(-1) ?? ''

/** The arguments of an instruction in exec form, which no shell stands between. */
function execForm(line: RegExp): string[] {
  return z.array(z.string()).parse(JSON.parse(line.exec(runtime)?.[1] ?? ''))
}

test('the image runs a compiled program of ours, not as root, and asks another for its health', () => {
  expect(runtime).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
  expect(runtime).toMatch(/^STOPSIGNAL SIGTERM$/m)
  expect(runtime).toMatch(/^ENV NODE_ENV=production$/m)
  for (const line of [/^CMD (\[.*\])$/m, /^HEALTHCHECK .* CMD (\[.*\])$/m]) {
    const [node, program = ''] = execForm(line)
    expect(node).toBe('node')
    const source = program.replace(/^dist\/(.*)\.js$/, '$1.ts')
    expect(existsSync(new URL(`../../${source}`, import.meta.url)), source).toBe(true)
  }
})

test('every stage begins with one base, which can be pinned by a digest', () => {
  expect(lines.filter((line) => line.startsWith('ARG '))).toEqual(['ARG BASE=node:24-bookworm-slim'])
  expect(stages.map((stage) => stage.split('\n')[0])).toEqual([
    expect.stringMatching(/^FROM \$\{BASE\} AS build$/),
    expect.stringMatching(/^FROM \$\{BASE\} AS packages$/),
    expect.stringMatching(/^FROM \$\{BASE\}$/),
  ])
})

test('the image takes its packages from a stage that has no development packages', () => {
  expect(stages.find((stage) => / AS packages$/m.test(stage))).toContain('npm install --omit=dev ')
  expect(runtime.match(/^COPY .*node_modules.*$/gm)).toEqual(['COPY --from=packages /app/node_modules node_modules'])
  expect(runtime).not.toMatch(/^RUN /m)
})

test('the build gets what the Dockerfile copies, and nothing else: no packages, secrets or test output', () => {
  const [first, ...allowed] = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  expect(first).toBe('*')
  const copied = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1))
  const given = allowed.map((line) => line.replace(/^!/, ''))
  for (const path of given) expect(existsSync(new URL(`../../${path}`, import.meta.url)), path).toBe(true)
  expect([...new Set(given.map((path) => path.replace(/^(\.ci)\/.*/, '$1')))].toSorted()).toEqual(
    [...new Set(copied)].toSorted(),
  )
})
