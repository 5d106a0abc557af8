import { readArguments, USAGE } from './arguments.ts'
import { keepFinding, keptFinding } from './findings.ts'
import { type Ran, run, tried } from './run.ts'
import { type Finding, type Target, tally } from './target.ts'
import { allTargets } from './targets.ts'

/** Enough for a person; one fault is found many times. */
const MOST_FINDINGS = 20

const given = readArguments(process.argv.slice(2))
const targets = allTargets()
const names = targets.map(({ name }) => name).join(', ')
const chosen = typeof given === 'string' ? [] : targets.filter(({ name }) => [undefined, name].includes(given.target))
if (typeof given === 'string' || chosen.length === 0) {
  console.error(`${typeof given === 'string' ? given : 'no such target'}\n\n${USAGE.replace('TARGETS', names)}`)
  process.exit(2)
}

let stray: unknown[] = []
process.on('uncaughtException', (error) => void stray.push(error))
process.on('unhandledRejection', (error) => void stray.push(error))
const strays = (): readonly unknown[] => {
  const seen = stray
  stray = []
  return seen
}

// An error of the fuzzer itself, and what nobody caught after the last input, would else end here without a word.
process.on('exit', () => {
  for (const error of strays()) {
    console.log(`nobody caught: ${error instanceof Error ? error.stack : String(error)}`)
    process.exitCode = 1
  }
})

if (given.replay === undefined) await fuzz(given)
else await replay(given.replay)
for (const { close } of targets) await close?.()

async function fuzz({ seed, seconds, executions, folder }: Exclude<typeof given, string>): Promise<void> {
  const onFinding = (finding: Finding): void => {
    const file = keepFinding(folder, finding)
    const { target, iteration, wrong, input } = finding
    console.log(`FINDING ${target}, seed ${seed}, iteration ${iteration} (${input.note}): ${wrong}`)
    console.log(`again: npm run fuzz -- --replay ${file}`)
  }
  const limits = { ...(seconds !== undefined && { seconds }), ...(executions !== undefined && { executions }) }
  const ran = await run({ targets: chosen, seed, ...limits, mostFindings: MOST_FINDINGS, onFinding, strays })
  for (const each of ran) console.log(lineOf(each, chosen))
  console.log(summary(ran, seed))
  process.exitCode = ran.some(({ findings }) => findings > 0) ? 1 : 0
}

async function replay(file: string): Promise<void> {
  const finding = keptFinding(file)
  const target = targets.find(({ name }) => name === finding.target)
  const wrong = target ? await tried(target, finding.input, strays) : `there is no target ${finding.target}`
  console.log(`${finding.target}, seed ${finding.seed}, iteration ${finding.iteration}: ${wrong ?? 'nothing is wrong'}`)
  process.exitCode = wrong === undefined ? 0 : 1
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function lineOf({ target, executions, seconds }: Ran, among: readonly Target[]): string {
  const counts = [...(among.find(({ name }) => name === target)?.counts ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const told = counts.map(([name, count]) => `${name} ${number(count)}`).join(', ')
  return `${target}: ${number(executions)} in ${seconds.toFixed(1)} s, ${number(executions / seconds)}/s: ${told}`
}

function summary(ran: readonly Ran[], seed: number): string {
  const sums = new Map<string, number>()
  for (const { executions, findings, seconds } of ran) {
    tally(sums, 'executions', executions)
    tally(sums, 'findings', findings)
    tally(sums, 'seconds', seconds)
  }
  const [executions = 0, findings = 0, seconds = 0] = ['executions', 'findings', 'seconds'].map((name) =>
    sums.get(name),
  )
  const rate = number(executions / Math.max(seconds, 0.001))
  return `seed ${seed}: ${number(executions)} executions, ${rate}/s, ${number(findings)} findings`
}
