import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { endProcess, hasEnded } from '../embedded/process-end.ts'
import { onceWeEnd } from '../embedded/watchdog.ts'

/** One of the demo's processes: a program of this project under the demo's own Node, with its output in a file. */
export interface Child {
  readonly name: string
  readonly pid: number
  /** stdout and stderr, as they came */
  readonly logFile: string
  ended(): boolean
  /** The last lines of what it wrote. */
  lastLines(count: number): Promise<string>
  /** Waits for a line of its output. @throws ChildError when it ends first, or is not heard of in time */
  line<T>(read: (line: string) => T | undefined, signal: AbortSignal): Promise<T>
  stop(): Promise<void>
}

/** A process of the demo failed; the message ends with its last lines. */
export class ChildError extends Error {}

const START_WITHIN_MS = 60_000
const LOOK_MS = 20

export interface ChildOptions {
  readonly name: string
  /** from the project's root */
  readonly program: string
  readonly args?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
}

export function startChild({ name, program, args = [], env, logFile }: ChildOptions): Child {
  const file = new URL(`../../${program}`, import.meta.url).pathname
  const log = openSync(logFile, 'w')
  // a process group of its own: a terminal's Ctrl-C is for the demo, which ends its children in order
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', log, log], env, detached: true })
  closeSync(log)
  child.on('error', () => {
    // no pid, so it counts as ended
  })
  const untie = child.pid === undefined ? () => {} : onceWeEnd('kill -9 "$1"', [String(child.pid)])
  // the pid may soon be somebody else's
  child.on('exit', untie)
  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    ended: () => hasEnded(child),
    lastLines: (count) => lastLines(logFile, count),
    line: (read, signal) => lineOf(child, { name, logFile, read, signal }),
    async stop() {
      await endProcess(child)
      untie()
    },
  }
}

async function lineOf<T>(
  child: ChildProcess,
  wanted: { name: string; logFile: string; read: (line: string) => T | undefined; signal: AbortSignal },
): Promise<T> {
  const { name, logFile, read, signal } = wanted
  const deadline = performance.now() + START_WITHIN_MS
  while (true) {
    // asked first, so that its last words are read as well
    const ended = hasEnded(child)
    for (const line of (await readFile(logFile, 'utf8')).split('\n')) {
      const found = read(line)
      if (found !== undefined) return found
    }
    if (ended || performance.now() > deadline) {
      const what = ended ? 'ended' : `did not start within ${START_WITHIN_MS / 1000} s`
      throw new ChildError(`${name} ${what}:\n${await lastLines(logFile, 10)}`)
    }
    await sleep(LOOK_MS, undefined, { signal })
  }
}

async function lastLines(logFile: string, count: number): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
