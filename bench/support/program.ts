import { fork } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { endProcess } from '../../src/embedded/process-end.ts'

/** A program of the bench in a process of its own. */
export interface Program {
  readonly pid: number
  /** @throws Error when it cannot answer, or has ended */
  ask<T>(question: string, answer: z.ZodType<T>, given?: unknown): Promise<T>
  usage(): Promise<Usage>
  /** kill -9, as a machine dies */
  kill(): void
  stop(): Promise<void>
}

const usage = z.object({ cpuMs: z.number(), mainThreadMs: z.number(), rss: z.number() })
export type Usage = z.infer<typeof usage>

const said = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ id: z.number(), fault: z.string() }),
  z.object({ id: z.number(), answer: z.unknown() }),
])

export interface ProgramOptions {
  /** its file in `bench/`, without ending */
  readonly program: string
  readonly args?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** where its output goes */
  readonly folder: string
  readonly name?: string
}

/** Starts it and waits until it says that it is ready. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { program, args = [], env, folder, name = program } = options
  const logFile = join(folder, `${name}.log`)
  const log = openSync(logFile, 'a')
  // a process group of its own: a terminal's Ctrl-C is for the bench, which ends its children in order
  const child = fork(new URL(`../${program}.ts`, import.meta.url), [...args], {
    env: { ...passedOn(), ...env },
    stdio: ['ignore', log, log, 'ipc'],
    execArgv: [],
    detached: true,
  })
  closeSync(log)
  const open = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>()
  const started = Promise.withResolvers<void>()
  let asked = 0
  child.on('message', (message) => {
    const told = said.parse(message)
    if ('ready' in told) {
      started.resolve()
      return
    }
    const waiting = open.get(told.id)
    open.delete(told.id)
    if ('fault' in told) waiting?.reject(new Error(`${name}: ${told.fault}`))
    else waiting?.resolve(told.answer)
  })
  const onEnd = () => {
    const fault = new Error(`${name} has ended`)
    started.reject(fault)
    for (const { reject } of open.values()) reject(fault)
    open.clear()
  }
  child.on('exit', onEnd)
  child.on('error', onEnd)
  try {
    await started.promise
  } catch (error) {
    const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-10).join('\n')
    throw new Error(`${name} did not start:\n${lines}`, { cause: error })
  }

  async function ask<T>(question: string, answer: z.ZodType<T>, given?: unknown): Promise<T> {
    if (!child.connected) throw new Error(`${name} has ended`)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    asked += 1
    open.set(asked, { resolve, reject })
    child.send({ id: asked, name: question, given })
    return answer.parse(await promise)
  }

  return {
    pid: child.pid ?? 0,
    ask,
    usage: () => ask('usage', usage),
    kill: () => child.kill('SIGKILL'),
    stop: () => endProcess(child),
  }
}

/** Nothing of the bench's own environment that could be a setting of ours, or name a real gateway. */
function passedOn(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TZ'] as const
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}
