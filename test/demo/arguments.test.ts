import { expect, test } from 'vitest'
import { HELP, readOptions } from '../../src/demo/arguments.ts'

test('without options the demo is small, and meets some faults', () => {
  expect(readOptions([])).toEqual({
    refunds: 200,
    rate: 50,
    faults: 'some',
    seed: 1,
    repeated: 'refuse',
    keep: false,
  })
})

test('every option is taken', () => {
  const argv = '--refunds 20000 --rate 1000 --faults many --seed 7 --repeated pay-again --keep'.split(' ')
  expect(readOptions(argv)).toEqual({
    refunds: 20_000,
    rate: 1000,
    faults: 'many',
    seed: 7,
    repeated: 'pay-again',
    keep: true,
  })
})

test('help names every option', () => {
  expect(readOptions(['--refunds', 'x', '--help'])).toBe('help')
  for (const option of ['refunds', 'rate', 'faults', 'seed', 'repeated', 'keep']) expect(HELP).toContain(`--${option} `)
})

test.for([
  [['--nope'], '--nope'],
  [['stray'], 'stray'],
  [['--refunds', '0'], "--refunds must be a whole number from 1 to 100000, not '0'"],
  [['--refunds', '1e3'], "not '1e3'"],
  [['--refunds'], '--refunds'],
  [['--rate', '0.5'], '--rate must be a whole number from 1 to 10000'],
  [['--seed', '-1'], '--seed'],
  [['--faults', 'lots'], "--faults must be one of none, some, many, not 'lots'"],
  [['--repeated', 'pay'], '--repeated must be one of refuse, pay-again'],
  [['--keep=yes'], '--keep'],
] as const)('%j is refused in one line that says what is wrong', ([argv, says]) => {
  const read = readOptions(argv)
  expect(read).toEqual({ wrong: expect.stringContaining(says) })
  expect(read).toEqual({ wrong: expect.not.stringContaining('\n') })
})
