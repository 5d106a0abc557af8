import { describe, expect, test } from 'vitest'
import { parseArguments } from '../../bench/support/arguments.ts'

const names = ['first', 'second', 'third']
const parse = (...args: string[]) => parseArguments(args, names)

describe('the options of the bench', () => {
  test('without any, every part is measured in full', () => {
    expect(parse()).toEqual({ kind: 'run', parts: names, quick: false })
  })

  test('--only measures the named parts alone, in the order in which they always run', () => {
    expect(parse('--only', 'third', '--only', 'first')).toEqual({
      kind: 'run',
      parts: ['first', 'third'],
      quick: false,
    })
  })

  test('--quick measures less', () => {
    expect(parse('--quick')).toMatchObject({ quick: true })
  })

  test('--results names another file', () => {
    expect(parse('--results', 'out.json')).toMatchObject({ results: 'out.json' })
  })

  test('--help wins over everything', () => {
    expect(parse('--quick', '--help')).toEqual({ kind: 'help' })
  })

  test('--write measures nothing', () => {
    expect(parse('--write')).toEqual({ kind: 'write' })
    expect(parse('--write', '--quick')).toMatchObject({ kind: 'fault' })
  })

  test('an unknown part is a fault that names those that there are', () => {
    expect(parse('--only', 'fourth')).toEqual({
      kind: 'fault',
      fault: 'no such part: fourth (there are first, second, third)',
    })
  })

  test.each([['--quik'], ['first'], ['--only']])('%s is a fault', (arg) => {
    expect(parse(arg)).toMatchObject({ kind: 'fault', fault: expect.stringMatching(/\S/) })
  })
})
