import { onTestFinished } from 'vitest'

type Step = () => unknown

let steps: Step[] | undefined

/**
 * Registers what undoes an acquisition, where it is acquired: in a test or in beforeEach. After the test the steps run
 * last in, first out, each to its end, and go on past errors; then the errors fail the test.
 */
export function cleanUp(step: Step): void {
  if (steps === undefined) {
    const ours: Step[] = []
    onTestFinished(async () => {
      steps = undefined
      await runBackwards(ours)
    }, cleanUpDeadlineMs)
    steps = ours
  }
  steps.push(step)
}

const cleanUpDeadlineMs = 30_000

async function runBackwards(ours: Step[]): Promise<void> {
  const errors: unknown[] = []
  for (let step = ours.pop(); step !== undefined; step = ours.pop()) {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} steps of the clean-up failed`)
}
