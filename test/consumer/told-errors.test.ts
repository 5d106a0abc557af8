import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { withoutCommand } from '../../src/redis/error-text.ts'
import { eventually } from '../support/eventually.ts'
import { bench, eventOf } from './bench.ts'

interface Line {
  readonly about: object
  readonly message: string
}

function logged() {
  const lines: Line[] = []
  const add = (about: object, message: string) => lines.push({ about, message })
  return { lines, log: { info: add, warn: add, error: add } }
}

const told = (lines: readonly Line[], message: string) => lines.find((line) => line.message === message)?.about

/** What the server says; the command with all that it was given would hang on the error. */
const REFUSED = expect.stringContaining('WRONGTYPE')

test('a lease that cannot be ended is told of without the command that failed', async () => {
  const { publish, consume, redis, prefix } = bench()
  const { lines, log } = logged()
  const event = eventOf('stays')
  const lease = `refund-consumer:${prefix}:refund-completed:{${event.id}}:lease`
  consume({
    log,
    async handle() {
      await redis.del(lease)
      await redis.rpush(lease, 'what no script of the consumer can read')
      throw new Error('not now')
    },
  })
  await publish(event)
  const { err } = (await eventually(() => told(lines, 'a lease stays') ?? false)) as { err: Error }
  await redis.del(lease)
  expect(err.message).toEqual(REFUSED)
  expect(inspect(err, { depth: 9, showHidden: true })).not.toContain(prefix)
})

test('an event that cannot be claimed or marked is told of without the command that failed', async () => {
  const { publish, consume, redis, prefix } = bench()
  const { lines, log } = logged()
  const [claimed, marked] = [eventOf('claimed'), eventOf('marked')]
  const lease = (id: string) => `refund-consumer:${prefix}:refund-completed:{${id}}:lease`
  await redis.rpush(lease(claimed.id), 'no lease')
  consume({
    log,
    async handle({ id }) {
      await redis.del(lease(id))
      await redis.rpush(lease(id), 'no lease')
      // longer than a third of the lease: it is renewed in vain
      await new Promise((resolve) => setTimeout(resolve, 600))
    },
  })
  await publish(claimed, marked)
  for (const message of [
    'an event met a fault of ours and will be seen again',
    'an event was handled and could not be marked',
    'a lease could not be renewed',
  ]) {
    const { err } = (await eventually(() => told(lines, message) ?? false)) as { err: Error }
    expect(err.message, message).toEqual(REFUSED)
    expect(inspect(err, { depth: 9, showHidden: true }), message).not.toContain(prefix)
  }
  await redis.del(lease(claimed.id), lease(marked.id))
})

test('nothing of a password is told, in whatever part of an error it hangs', () => {
  const url = 'rediss://worker:p%40ss@w0rd@redis.example:6379'
  const inner = Object.assign(new Error(`cannot use ${url}/0`), {
    command: { name: 'auth', args: ['worker', 'p@ss@w0rd'] },
  })
  const errors = [
    inner,
    new AggregateError([inner], `all of ${url} failed`),
    Object.assign(new Error('away', { cause: inner }), {
      code: 'ECONNREFUSED',
      lastNodeError: inner,
      options: { url },
    }),
    new Error("ERR unknown command 'AUTH', with args beginning with: 'worker' 'p@ss@w0rd'"),
    `cannot use ${url}`,
  ]
  for (const error of errors) {
    const text = inspect(withoutCommand(error), { depth: 9, showHidden: true })
    expect(text).not.toMatch(/w0rd|p%40ss/)
  }
  expect(withoutCommand(errors[0]).message).toBe('cannot use rediss://***@redis.example:6379/0')
  expect(withoutCommand(errors[2])).toMatchObject({ message: 'away', code: 'ECONNREFUSED' })
})
