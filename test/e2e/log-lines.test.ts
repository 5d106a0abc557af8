import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { z } from 'zod'

const LOG = new URL('../../workers/log.ts', import.meta.url).href

/** Runs a program that has a logger `log`, and tells its lines, how it ended, and how often it wrote. */
function run(program: string) {
  const source = `
    import fs from 'node:fs'
    import { createLogger } from '${LOG}'
    let writes = 0
    const { writeSync } = fs
    fs.writeSync = (fd, ...given) => {
      if (fd === 1) writes += 1
      return writeSync(fd, ...given)
    }
    process.on('exit', () => console.error('writes ' + writes))
    const log = createLogger('info')
    ${program}`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  })
  const messages = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => z.object({ msg: z.string() }).parse(JSON.parse(line)).msg)
  return { messages, status, writes: Number(/^writes (\d+)$/m.exec(stderr)?.[1]) }
}

const HUNDRED = "for (let index = 0; index < 100; index++) log.info('line ' + index)"
const hundred = Array.from({ length: 100 }, (_, index) => `line ${index}`)

test('the lines of one turn of the event loop are written at once, in order, and those of the next after them', () => {
  const { messages, writes } = run(`${HUNDRED}\nsetTimeout(() => log.info('later'), 20)`)
  expect(messages).toEqual([...hundred, 'later'])
  expect(writes).toBe(2)
})

test.for([
  ['process.exit(3)', 3],
  ["throw new Error('a fault of ours')", 1],
  ["Promise.reject(new Error('a fault of ours'))", 1],
  ["log.fatal('line 100'); process.reallyExit(4)", 4],
] as const)('no line is lost when the process ends by %s', ([end, code]) => {
  const { messages, status } = run(`${HUNDRED}\n${end}`)
  expect(status).toBe(code)
  expect(messages.slice(0, 100)).toEqual(hundred)
  expect(messages.slice(100)).toEqual(end.startsWith('log.fatal') ? ['line 100'] : [])
})
