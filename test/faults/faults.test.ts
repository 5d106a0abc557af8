import { expect, test } from 'vitest'
import { readOptions } from './arguments.ts'
import { CASES } from './cases.ts'
import { runCase } from './run-case.ts'

/** What every change must survive; `npm run faults` plays all cases, before both gateways. */
const QUICK = new Set([1, 2, 3, 5, 12, 18, 20, 24])

test.concurrent.for(CASES.filter(({ number }) => QUICK.has(number)))(
  'case $number: $title',
  {
    timeout: 180_000,
  },
  async (faultCase) => {
    const { faults } = await runCase(faultCase, 'pay_again')
    expect(faults).toEqual([])
  },
)

test('the cases are numbered without gaps', () => {
  expect(CASES.map(({ number }) => number)).toEqual(CASES.map((_, index) => index + 1))
})

test.for([
  [[], { modes: ['refuse', 'pay_again'], jobs: 2, what: 'run' }],
  [['--case', '1,2', '--mode', 'pay-again'], { only: [1, 2], modes: ['pay_again'], jobs: 2, what: 'run' }],
  [['--self-check'], { modes: ['refuse', 'pay_again'], jobs: 2, what: 'self-check' }],
  [['--case', '99'], { wrong: expect.stringContaining('--case') }],
  [['--mode', 'polite'], { wrong: expect.stringContaining('--mode') }],
  [['--jobs', '0'], { wrong: expect.stringContaining('--jobs') }],
  [['--nonsense'], { wrong: expect.stringContaining('--nonsense') }],
] as const)('the arguments %j are read', ([argv, read]) => {
  expect(readOptions(argv, [1, 2])).toEqual(read)
})
