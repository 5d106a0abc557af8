import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { programEnvironment } from '../support/program-environment.ts'

export type Program = 'submit' | 'query' | 'publish' | 'receive' | 'admin' | 'all'
export const programs: readonly Program[] = ['submit', 'query', 'publish', 'receive', 'admin', 'all']

const logLine = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().optional() })
export type LogLine = z.infer<typeof logLine>

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One worker as an operator sees it: a pid, two streams, signals and an exit code. */
export interface WorkerProcess {
  /** the program's file */
  readonly name: string
  readonly pid: number
  stdout(): string
  stderr(): string
  /** The log so far; a line that is no JSON is a failure. */
  log(): LogLine[]
  /** Resolves when the process says that it has started. @throws when it ends before that */
  started(): Promise<void>
  signal(name: NodeJS.Signals): void
  ended: Promise<Ending>
  hasEnded(): boolean
}

const START_WITHIN_MS = 30_000

/** Starts a program of `workers/` with these settings and nothing else of this process's environment. */
export function startProgram(program: Program, settings: Readonly<Record<string, string>>): WorkerProcess {
  const file = `workers/${program}.ts`
  const env = { ...programEnvironment, ...settings }
  return watch(file, spawn(process.execPath, [pathOf(file)], { stdio: ['ignore', 'pipe', 'pipe'], env }))
}

export const pathOf = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url))

/** @param file how the process is called in errors */
export function watch(file: string, child: ChildProcess): WorkerProcess {
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  let ending: Ending | undefined
  const ended = once(child, 'close').then((): Ending => {
    ending = { code: child.exitCode, signal: child.signalCode }
    return ending
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${file} could not be started`)

  return {
    name: file,
    pid,
    stdout,
    stderr,
    log: () => whole(stdout()).map((line) => logLine.parse(JSON.parse(line))),
    async started() {
      const started = await eventually(
        () => ending !== undefined || whole(stdout()).some((line) => line.includes('"msg":"started"')),
        { timeoutMs: START_WITHIN_MS },
      )
      if (ending !== undefined || !started) {
        throw new Error(`${file} ended: ${JSON.stringify(ending)}\n${stdout()}${stderr()}`)
      }
    },
    signal(name) {
      // the child's own handle: a pid that was given to another process meanwhile is never hit
      child.kill(name)
    },
    ended,
    hasEnded: () => ending !== undefined,
  }
}

/** Runs a program that is expected to end by itself. */
export async function runToEnd(program: Program, settings: Readonly<Record<string, string>>) {
  const worker = startProgram(program, settings)
  try {
    await eventually(() => worker.hasEnded(), { timeoutMs: START_WITHIN_MS })
  } finally {
    worker.signal('SIGKILL')
  }
  const { code } = await worker.ended
  return { code, stdout: worker.stdout(), stderr: worker.stderr() }
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}

/** The last line may still be under way. */
function whole(text: string): string[] {
  return text.split('\n').slice(0, -1)
}
