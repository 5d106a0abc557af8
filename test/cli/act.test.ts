import { hostname, userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { idOf } from '../ledger/fixture.ts'
import { preparedMix } from './mix.ts'
import { jsonLines } from './refundctl.ts'

const WHY = ['--yes', '--reason', 'ticket 7'] as const

test('release lets a held refund go on, and the trail has who and why', async () => {
  const { at, ctl } = await preparedMix()
  const { code, out, err } = await ctl('release', 'poor-1', ...WHY, '-o', 'jsonl')
  expect(code, err).toBe(0)
  expect(jsonLines(out)).toMatchObject([{ no_refund: 'poor-1', state: 'unknown', holds: [] }])
  expect(err).toBe('released 1 refund, 1,000.00 yuan\n')
  expect((await at.record(idOf('poor-1'))).holds).toEqual([])
  const [last = ''] = (await at.ledger.trail(idOf('poor-1'))).slice(-1)
  expect(JSON.parse(last)).toMatchObject({
    observation: 'release',
    note: 'ticket 7',
    by: `${userInfo().username}@${hostname()}`,
  })
})

test('hold, cancel and resolve do what they say, under another name where one is given', async () => {
  const { at, ctl } = await preparedMix()
  expect(await ctl('hold', 'lost', ...WHY, '--as', 'ann')).toMatchObject({ code: 0 })
  expect((await at.record(idOf('lost'))).holds).toEqual(['operator'])
  expect(await ctl('cancel', 'waits', ...WHY)).toMatchObject({ code: 0 })
  expect(await at.record(idOf('waits'))).toMatchObject({ state: 'rejected', reasons: ['cancelled: ticket 7'] })
  expect(await ctl('resolve', 'lost', '--succeeded', '--evidence', 'statement 12', '--yes')).toMatchObject({ code: 0 })
  expect(await at.record(idOf('lost'))).toMatchObject({ state: 'succeeded', reasons: ['resolved: statement 12'] })
  expect(await ctl('resolve', 'disputed', '--failed', '--evidence', 'mail', '--yes')).toMatchObject({ code: 0 })
  expect(await at.record(idOf('disputed'))).toMatchObject({ state: 'failed', contradiction: false })
  expect((await at.events()).map(({ type }) => type).slice(-3)).toEqual([
    'refund.rejected',
    'refund.succeeded',
    'refund.corrected',
  ])
  const trail = await at.ledger.trail(idOf('lost'))
  expect(trail.map((line) => JSON.parse(line).by)).toContain('ann')
})

test('query makes a refund due at once, and asks nobody for one that is named', async () => {
  const { at, ctl } = await preparedMix()
  expect(await ctl('query', 'taken')).toMatchObject({ code: 0 })
  expect((await at.record(idOf('taken'))).next_look).toBeLessThanOrEqual(Date.now() + 1000)
  expect(await ctl('query', '--state', 'processing', '--reason', 'x')).toMatchObject({ code: 2 })
})

test('a dry run tells number, sum and refusals, and changes nothing', async () => {
  const { at, ctl } = await preparedMix()
  const { code, out, err } = await ctl('release', 'poor-1', 'poor-2', 'paid', '--dry-run', '-o', 'jsonl')
  expect(code).toBe(1)
  expect(jsonLines(out).map(({ no_refund }) => no_refund)).toEqual(['poor-1', 'poor-2'])
  expect(err).toContain('refused: paid: release: the refund is succeeded, nothing holds it')
  expect(err).toContain('dry run: would release 2 refunds, 1,200.50 yuan')
  expect(err).toContain('nothing was changed')
  expect((await at.record(idOf('poor-1'))).holds).toEqual(['insufficient_balance'])
})

test('filters choose what a command changes, and nothing else', async () => {
  const { at, ctl } = await preparedMix()
  const { code, err } = await ctl('release', '--held-for', 'insufficient_balance', ...WHY)
  expect(code, err).toBe(0)
  expect(err).toContain('released 2 refunds, 1,200.50 yuan')
  expect((await at.record(idOf('poor-2'))).holds).toEqual([])
  expect((await at.record(idOf('wrong'))).holds).toEqual(['configuration'])
})

test('who releases from insufficient_balance opens the way for the whole merchant at once', async () => {
  const { at, ctl } = await preparedMix()
  await at.ledger.report(idOf('poor-1'), 'no_balance')
  await at.redis.hset(at.keys.gate(idOf('poor-1').oid_partner), 'balance_until', Date.now() + 600_000)
  await ctl('release', 'poor-1', '--dry-run')
  await ctl('release', 'wrong', ...WHY)
  expect(await at.ledger.admit(idOf('waits'), 'send')).toMatchObject({ go: false })
  await ctl('release', 'poor-1', ...WHY)
  expect(await at.ledger.admit(idOf('waits'), 'send')).toMatchObject({ go: true })
})

test('a refusal is told by its number, does not keep the others back, and makes the exit code 1', async () => {
  const { at, ctl } = await preparedMix()
  const { code, err } = await ctl('cancel', 'lost', 'waits', 'never', ...WHY)
  expect(code).toBe(1)
  expect(err).toContain('refused: lost: cancel: the refund is unknown, it may have been sent')
  expect(err).toContain('refused: never: cancel: no such refund')
  expect(err).toContain('cancelled 1 refund, 5.00 yuan')
  expect((await at.record(idOf('waits'))).state).toBe('rejected')
  expect((await at.record(idOf('lost'))).state).toBe('unknown')
})

test('cancel does not believe a record that was restored', async () => {
  const { at, ctl } = await preparedMix()
  await at.ledger.setSafeStart(Date.now() + 1000)
  for (const choice of [['waits'], ['--state', 'waiting']]) {
    const { code, err } = await ctl('cancel', ...choice, ...WHY)
    expect(code).toBe(1)
    expect(err).toContain('it was restored from a backup')
    expect(await ctl('cancel', ...choice, '--dry-run')).toMatchObject({ code: 1 })
  }
  expect((await at.record(idOf('waits'))).state).toBe('waiting')
})

test('wrong usage is exit code 2 and one line, and changes nothing', async () => {
  const { at, ctl } = await preparedMix()
  const wrong = [
    ['release', ...WHY],
    ['release', 'poor-1', '--state', 'held', ...WHY],
    ['release', '--partner', '201103171000000000', ...WHY],
    ['release', 'poor-1', '--yes'],
    ['release', 'poor-1', '--yes', '--reason', ' '],
    ['release', 'poor-1', '--reason', 'nobody can be asked here'],
    ['resolve', 'lost', '--evidence', 'x', '--yes'],
    ['resolve', 'lost', '--failed', '--succeeded', '--evidence', 'x', '--yes'],
    ['resolve', 'lost', '--failed', '--yes', '--reason', 'no evidence'],
  ]
  const runs = await Promise.all(wrong.map(async (args) => ctl(...args)))
  for (const [index, { code, out, err }] of runs.entries()) {
    const named = wrong[index]?.join(' ')
    expect(code, named).toBe(2)
    expect(out, named).toBe('')
    expect(err, named).toMatch(/^refundctl: .+\n$/)
  }
  expect(runs.at(-1)?.err).toContain('--evidence TEXT is required')
  expect((await at.record(idOf('poor-1'))).holds).toEqual(['insufficient_balance'])
  expect((await at.record(idOf('lost'))).state).toBe('unknown')
})
