import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { gatewayDay } from '../../src/refund/gateway-time.ts'
import { accepted, idOf, seenJob } from '../ledger/fixture.ts'
import { FEN, PARTNER, submits } from '../refund/builders.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { sent } from './mix.ts'
import { jsonLines, MAIN, operatorSettings, start } from './refundctl.ts'
import { books, lines, reportOf, TODAY } from './reports.ts'

test('an unknown number is doubted although no job can be made of its line', async () => {
  const { at, ctl } = books()
  const file = reportOf([
    ...lines('by-hand').map((line) => line.replace(/20\d{6} \d\d:\d\d:\d\d/, 'some time')),
    ...lines('x'.repeat(33)),
  ])
  const { err } = await ctl('reconcile', file, '--offer', path.join(path.dirname(file), 'by-hand.ndjson'))
  expect(err).toContain('not offered: by-hand: its time cannot be read')
  expect(err).toContain(`not offered: ${'x'.repeat(33)}: no job can have such data`)
  expect(await at.ledger.unmatchedNotices()).toMatchObject([{ no_refund: 'by-hand', fen: FEN }])
  const record = await accepted(at, { no_refund: 'by-hand', no_order: 'order-by-hand' })
  expect(record).toMatchObject({ state: 'unknown', foreign: true })
})

test('what LianLian alone has as paid is learned where that is asked for: its number is never paid by us as well', async () => {
  const { at, ctl } = books()
  await accepted(at, { no_refund: 'cancelled', no_order: 'order-1' })
  await at.see(idOf('cancelled'), { type: 'cancel', by: 'ann', reason: 'ticket 9' })
  await accepted(at, { no_refund: 'waits', no_order: 'order-2' })
  await sent(at, 'refused', submits.refused)
  await sent(at, 'taken', submits.accepted('0'))
  const paidThere = ['cancelled', 'waits', 'refused', 'taken', 'by-hand'].flatMap((each) => lines(each))
  const file = reportOf([...paidThere, ...lines('double', 'order', 'doubled')])
  const records = async () =>
    Promise.all(
      ['cancelled', 'waits', 'refused', 'taken'].map(async (each) => {
        const { state, holds, contradiction } = await at.record(idOf(each))
        return [state, holds, contradiction]
      }),
    )
  const before = await records()
  for (const options of [[], ['--learn', '--dry-run']]) {
    expect(await ctl('reconcile', file, ...options)).toMatchObject({ code: 1 })
    expect(await records()).toEqual(before)
    expect(await at.ledger.unmatchedNotices()).toEqual([])
  }
  expect(await ctl('reconcile', file, '--learn')).toMatchObject({ code: 1 })
  expect(await records()).toEqual([
    ['rejected', [], true],
    ['unknown', ['contradiction'], false],
    ['failed', [], true],
    ['processing', [], false],
  ])
  expect((await at.record(idOf('taken'))).next_look).toBeLessThanOrEqual(Date.now() + 1_000)
  const doubted = (await at.ledger.unmatchedNotices()).map(({ no_refund }) => no_refund)
  expect(doubted.toSorted()).toEqual(['by-hand', 'double'])
  // other content would open a rejected number again
  const { decision } = await at.see(idOf('cancelled'), seenJob({ no_refund: 'cancelled', no_order: 'order-3' }))
  expect(decision).toMatchObject({ kind: 'refuse', faults: [expect.stringContaining('no_refund_conflict')] })
})

test('a refund without a day of settlement that a later day pays once more is told, also when that day stands alone', async () => {
  const { at, ctl, compared } = books()
  await sent(at, 'R1', submits.accepted('2'))
  const later = gatewayDay(Date.now() + 3 * 86_400_000)
  const again = lines('R1').map((line) => line.replace(`,${TODAY},`, `,${later},`))
  const [today, next] = [reportOf(lines('R1')), reportOf(again, { name: `JYMX_${PARTNER}_${later}.txt` })]
  const kinds = async (...files: string[]) => {
    const { code, out } = await ctl('reconcile', ...files, '-o', 'jsonl')
    return [code, ...jsonLines(out).map(({ kind }) => kind)]
  }
  expect(await kinds(today)).toEqual([0])
  expect(await kinds(next)).toEqual([1, 'date_differs'])
  expect(await kinds(today, next)).toEqual([1, 'twice'])
  expect(await compared()).toMatchObject([{ differences: { twice: 2 } }])
  expect(await kinds(today)).toEqual([0])
  expect(await compared()).toMatchObject([{ differences: { twice: 2 } }])
})

test('a reader that goes away before all is told sees no success, and metrics know all the same', async () => {
  const { at, compared } = books()
  const numbers = Array.from({ length: 3_000 }, (_, place) => `by-hand-${place}`)
  const file = reportOf(numbers.flatMap((each) => lines(each)))
  const running = start(['reconcile', file, '-o', 'jsonl'], operatorSettings(at.prefix))
  running.stdout.once('data', () => {
    if ('destroy' in running.stdout && typeof running.stdout.destroy === 'function') running.stdout.destroy()
  })
  expect((await running.ended).code).toBe(1)
  expect(await compared()).toMatchObject([{ differences: { theirs_only: 3_000 } }])
})

test('a full disk ends the comparison with its own reason, and with no word of books that agree', () => {
  const { at } = books()
  const numbers = Array.from({ length: 1_000 }, (_, place) => `by-hand-${place}`)
  const file = reportOf(numbers.flatMap((each) => lines(each)))
  const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`
  const args = ['-c', limited, process.execPath, MAIN, 'reconcile', file]
  const env = { ...programEnvironment, ...operatorSettings(at.prefix) }
  const { status, stdout, stderr } = spawnSync('sh', args, { env, encoding: 'utf8' })
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'refundctl: EFBIG: file too large, write\n',
  })
})
