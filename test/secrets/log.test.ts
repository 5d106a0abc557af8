import { expect, test } from 'vitest'
import { z } from 'zod'
import { createLogger } from '../../workers/log.ts'

const SECRET = 'redis-pass-7Qk2vT9wXz'
const failed = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['default', SECRET] } })
const quoting = new Error(`ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' '${SECRET}'`)

function lineOf(err: unknown): unknown {
  const lines: string[] = []
  createLogger('info', { write: (line) => lines.push(line) }).warn({ err }, 'redis connection fault')
  return z.object({ err: z.unknown() }).parse(JSON.parse(lines.join(''))).err
}

test.each<[what: string, error: unknown]>([
  ['an error of Redis', failed],
  [
    'one that was made from it, as a cluster has them',
    Object.assign(new Error('all failed'), { lastNodeError: failed }),
  ],
  ['one with it as its cause', new Error('outer', { cause: failed })],
  ['several in one', new AggregateError([failed, quoting], 'all')],
  ['a list of them', Object.assign(new Error('x'), { previousErrors: [failed] })],
  ['a reply that quotes the command', quoting],
  ['a reply that quotes the command, as a cause', new Error('outer', { cause: quoting })],
  ['something that is no error', { command: failed.command }],
])('the log shows no password of %s', (_, error) => {
  const line = JSON.stringify(lineOf(error))
  expect(line).not.toContain(SECRET)
  expect(line.length).toBeGreaterThan(10)
})

test('the log tells what an error is, with its code and the place', () => {
  const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED', port: 6379 })
  expect(lineOf(error)).toEqual({
    type: 'Error',
    message: 'connect ECONNREFUSED 127.0.0.1:6379',
    stack: expect.stringContaining('log.test.ts'),
    code: 'ECONNREFUSED',
  })
  const both = Object.assign(new AggregateError([error, error], 'both'), { code: 'ECONNREFUSED' })
  expect(lineOf(both)).toMatchObject({ code: 'ECONNREFUSED', errors: [error.message, error.message] })
})
