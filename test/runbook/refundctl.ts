import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathOf, watch } from '../e2e/worker-process.ts'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Refundctl {
  run(...words: readonly string[]): Promise<Ran>
  close(): Promise<void>
}

const RUN_WITHIN_MS = 60_000

/** The real program, a process a command, with the settings of the workers but for the key that it does not need. */
export async function refundctlWith(settings: Readonly<Record<string, string>>): Promise<Refundctl> {
  const { LIANLIAN_PRIVATE_KEY: _secret, ...needed } = settings
  // a command's own work is short; most of its time would go into compiling the same files again
  const cache = await mkdtemp(path.join(tmpdir(), 'runbook-'))
  const env = { PATH: process.env.PATH ?? '', TZ: 'Asia/Shanghai', NODE_COMPILE_CACHE: cache, ...needed }
  return {
    async run(...words) {
      const file = 'src/cli/main.ts'
      const child = spawn(process.execPath, [pathOf(file), ...words], { stdio: ['ignore', 'pipe', 'pipe'], env })
      const watched = watch(file, child)
      const late = setTimeout(() => watched.signal('SIGKILL'), RUN_WITHIN_MS)
      const { code } = await watched.ended
      clearTimeout(late)
      return { code, stdout: watched.stdout(), stderr: watched.stderr() }
    },
    close: () => rm(cache, { recursive: true, force: true }),
  }
}
