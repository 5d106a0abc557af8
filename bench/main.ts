/** `npm run bench`: what the safe pipeline costs, against a worker written by hand; see docs/performance.md. */
import { parts } from './parts/parts.ts'
import { parseArguments, type Wish } from './support/arguments.ts'
import { writeDocument, writeResults } from './support/files.ts'
import { type Result, verdict } from './support/results.ts'
import { openStage } from './support/stage.ts'
import { textTable } from './support/table.ts'

const names = Object.keys(parts)
const HELP = `usage: npm run bench -- [--only PART]... [--quick] [--results FILE]
       npm run bench -- --write

  --only PART  measures this part alone; may be given several times
  --quick      fewer and shorter rounds: shows that it works, not how fast it is
  --results    where the results go; default: bench/results.json
  --write      measures nothing: puts the last results into docs/performance.md
  --help

Parts: ${names.join(', ')}

Exit code: 0, 1 when a figure that must be reached is missed, 2 for wrong usage.`

const wish = parseArguments(process.argv.slice(2), names)
switch (wish.kind) {
  case 'help':
    console.log(HELP)
    break
  case 'fault':
    console.error(`bench: ${wish.fault}`)
    process.exitCode = 2
    break
  case 'write':
    await writeDocument()
    break
  case 'run':
    process.exitCode = await measure(wish)
    break
}

async function measure({ parts: wanted, quick, results: file }: Extract<Wish, { kind: 'run' }>): Promise<number> {
  const stage = await openStage(quick, (line) => console.log(line))
  let stopped = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      console.error('stopped')
      stopped = true
      void stage.close().finally(() => process.exit(130))
    })
  }
  const results: Result[] = []
  try {
    for (const name of wanted) {
      const began = performance.now()
      console.log(`\n${name}`)
      results.push(...((await parts[name]?.(stage)) ?? []))
      await stage.clear()
      console.log(`  took ${((performance.now() - began) / 1000).toFixed(0)} s`)
    }
  } catch (error) {
    if (!stopped) console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await stage.close()
  }
  await writeResults(results, file)
  console.log(`\n${textTable(results)}\n`)
  const missed = results.filter((result) => verdict(result) === 'missed')
  for (const { name, ratio, must } of missed) console.log(`missed: ${name} is ${ratio}, and must be ${must}`)
  return missed.length > 0 ? 1 : 0
}
