import { expect, test } from 'vitest'
import type { DemoOptions } from '../../src/demo/arguments.ts'
import { frame, type Progress, progressLine } from '../../src/demo/progress.ts'

const options: DemoOptions = {
  refunds: 100_000,
  rate: 10_000,
  faults: 'many',
  seed: 999_999_999,
  repeated: 'pay-again',
  keep: false,
}
const progress: Progress = {
  elapsedMs: 3_723_000,
  jobs: { added: 112_000, of: 112_000 },
  refunds: 100_000,
  states: { waiting: 1, sending: 50, unknown: 12, processing: 900, succeeded: 90_000, failed: 300, rejected: 4000 },
  held: 10,
  settled: 94_300,
  putOff: 3,
  gateway: {
    submits: 96_000,
    repeats: 400,
    queries: 3000,
    notified: 95_000,
    acknowledged: 94_990,
    forged: 10,
    forgedAcknowledged: 0,
    faults: 9000,
    lastAt: 0,
  },
}

test.for([20, 40, 80, 120, 250])('no line reaches the last of %i columns, and the height stays', (columns) => {
  for (const unicode of [true, false]) {
    const lines = frame(options, progress, { columns, unicode })
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns)
    expect(lines).toHaveLength(frame(options, { ...progress, states: {} }, { columns: 80, unicode }).length)
  }
})

test('the figures are there, and held refunds are not counted as being in doubt too', () => {
  const text = frame(options, progress, { columns: 80, unicode: true }).join('\n')
  for (const row of [
    /sending +50 /,
    /in doubt +2 /,
    /held +10 /,
    /succeeded +90000 /,
    /sent again +400\n/,
    / 62:03\n/,
  ]) {
    expect(text).toMatch(row)
  }
  // in no state yet: added, and not taken from the queue
  expect(text).toMatch(/queued +4737 /)
})

test('the bars fill up as the run goes on', () => {
  const at = (added: number) =>
    frame(options, { ...progress, jobs: { added, of: 100 } }, { columns: 80, unicode: false })[2] ?? ''
  expect(at(0)).toMatch(/ -+ {3}0 %$|^[^#]*$/)
  expect(at(50)).toMatch(/#+-+ +50 %$/)
  expect(at(100)).toMatch(/#+ +100 %$/)
  expect(at(100)).not.toContain('-')
})

test('a log gets one line', () => {
  const line = progressLine(progress)
  expect(line).toContain('94300 of 100000 refunds settled, 10 held')
  expect(line).not.toContain('\n')
})
