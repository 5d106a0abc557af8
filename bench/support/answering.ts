/** A child's side of the questions that the bench asks over IPC; `program.ts` is the other. */

type Answers = Readonly<Record<string, (given: never) => unknown>>

interface Question {
  readonly id: number
  readonly name: string
  readonly given: unknown
}

/** Answers until the bench is gone, and then ends this process: nothing of a bench outlives it. */
export function answering(answers: Answers): void {
  process.on('message', (question: Question) => {
    void answer(answers, question)
  })
  process.on('disconnect', () => process.exit(0))
}

/** Tells the bench that the work may begin. */
export function ready(): void {
  process.send?.({ ready: true })
}

async function answer(answers: Answers, { id, name, given }: Question): Promise<void> {
  try {
    const found: ((given: never) => unknown) | undefined = answers[name]
    if (!found) throw new Error(`no such question: ${name}`)
    process.send?.({ id, answer: (await found(given as never)) ?? null })
  } catch (error) {
    process.send?.({ id, fault: error instanceof Error ? error.message : String(error) })
  }
}

/** What this process has used so far: CPU of all its threads, and of the main one, in ms; and its memory in bytes. */
export function usage() {
  const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000
  return {
    cpuMs: ms(process.cpuUsage()),
    mainThreadMs: ms(process.threadCpuUsage()),
    rss: process.memoryUsage.rss(),
  }
}
