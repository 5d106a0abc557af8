import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanUp } from '../support/clean-up.ts'

const MAIN = new URL('../../src/demo/main.ts', import.meta.url).pathname

export interface DemoRun {
  readonly pid: number
  readonly out: () => string
  readonly err: () => string
  readonly exit: Promise<number | null>
  readonly kill: (signal: NodeJS.Signals) => void
  /** what it left in the folder that it was given for temporary files */
  readonly leftFiles: () => string[]
}

/** Runs the demo as a process, with its temporary files in a folder of the test's own. */
export function runDemo(args: readonly string[], env: Readonly<Record<string, string>> = {}): DemoRun {
  const folder = mkdtempSync(join(tmpdir(), 'refund-demo-test-'))
  cleanUp(() => rmSync(folder, { recursive: true, force: true }))
  const { REDIS_URL: _ours, ...inherited } = process.env
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, TMPDIR: folder, ...env },
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  cleanUp(async () => {
    child.kill('SIGKILL')
    await exit
  })
  return {
    pid: child.pid ?? 0,
    out: () => out,
    err: () => err,
    exit,
    kill: (signal) => child.kill(signal),
    leftFiles: () => readdirSync(folder),
  }
}

/** The commands of the processes that another one started, by pid. */
export function childrenOf(parent: number): Map<number, string> {
  return new Map(
    processes()
      .filter(({ ppid }) => ppid === parent)
      .map(({ pid, command }) => [pid, command]),
  )
}

export function alive(pids: Iterable<number>): number[] {
  const running = new Set(processes().map(({ pid }) => pid))
  return [...pids].filter((pid) => running.has(pid))
}

function processes(): { pid: number; ppid: number; command: string }[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, ppid, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    // a zombie has ended; whoever adopted it has not noticed yet
    return pid === undefined || state.startsWith('Z') ? [] : [{ pid: Number(pid), ppid: Number(ppid), command }]
  })
}
