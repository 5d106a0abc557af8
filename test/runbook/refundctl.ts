import { spawn } from 'node:child_process'
import { pathOf, watch } from '../e2e/worker-process.ts'
import { programEnvironment } from '../support/program-environment.ts'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Refundctl {
  run(...words: readonly string[]): Promise<Ran>
}

const RUN_WITHIN_MS = 60_000

/** The real program, a process a command, with the settings of the workers but for the key that it does not need. */
export function refundctlWith(settings: Readonly<Record<string, string>>): Refundctl {
  const { LIANLIAN_PRIVATE_KEY: _secret, ...needed } = settings
  const env = { ...programEnvironment, TZ: 'Asia/Shanghai', ...needed }
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
  }
}
