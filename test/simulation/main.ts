import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { readArguments, USAGE } from './arguments.ts'
import { added, type Batch, type BatchResult, NO_FIGURES, runBatch } from './batch.ts'
import { runSchedule } from './schedule.ts'

const TRACED = 1
const NAMED = 20

const given = readArguments(process.argv.slice(2))
if (typeof given === 'string') {
  console.error(`${given}\n\n${USAGE}`)
  process.exit(2)
}
const { schedules, seed, workers, without } = given
const started = performance.now()

const results = await Promise.all(
  Array.from({ length: Math.min(workers, schedules) }, (_, index) => {
    const count = Math.floor(schedules / workers) + (index < schedules % workers ? 1 : 0)
    const batch: Batch = { first: seed + index, step: workers, count, without }
    return workers === 1 ? runBatch(batch) : inThread(batch)
  }),
)
const figures = results.map((result) => result.figures).reduce(added, NO_FIGURES)
const failures = results.flatMap((result) => result.failures).toSorted((a, b) => a.seed - b.seed)
const seconds = (performance.now() - started) / 1000

for (const failure of failures.slice(0, TRACED)) await printTrace(failure.seed)
for (const failure of failures.slice(0, NAMED)) {
  console.log(`seed ${failure.seed}: ${failure.violations.join('; ')}`)
}
if (failures.length > NAMED) console.log(`and ${failures.length - NAMED} more`)
if (failures[0]) {
  const off = without === undefined ? '' : ` --without ${without}`
  console.log(`again: npm run simulation -- --replay ${failures[0].seed}${off}`)
}
const number = (value: number): string => value.toLocaleString('en-US')
const { refunds, sends, crashes, pauses, events, held } = figures
console.log(
  [
    `${number(schedules)} schedules`,
    `${number(failures.length)} violations`,
    `${number(refunds)} refunds`,
    `${number(sends)} sends`,
    `${number(events)} events`,
    `${number(held)} held`,
    `${number(crashes)} crashes`,
    `${number(pauses)} pauses in ${seconds.toFixed(1)} s`,
  ].join(', '),
)
process.exitCode = failures.length > 0 ? 1 : 0

/** The same schedule once more, told step by step: its seed makes it the same. */
async function printTrace(failed: number): Promise<void> {
  console.log(`--- seed ${failed}, seconds since its start ---`)
  await runSchedule({ seed: failed, without, trace: (line) => console.log(line) })
}

async function inThread(batch: Batch): Promise<BatchResult> {
  const thread = new Worker(new URL('batch-thread.ts', import.meta.url), { workerData: batch })
  const [result]: BatchResult[] = await once(thread, 'message')
  if (!result) throw new Error('a thread ended without a result')
  return result
}
