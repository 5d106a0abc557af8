import { run } from '../../src/embedded/command.ts'

const INSTALL_WITHIN_MS = 300_000
const LOOK_WITHIN_MS = 5_000

/** Makes sure that `strace` can be run; installs it with apt-get where it is missing, which needs root. */
export async function needStrace(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<void> {
  if (await isThere(env)) return
  say('installing strace with apt-get')
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update'], { env: quiet, deadlineMs: INSTALL_WITHIN_MS })
  const install = ['install', '-y', '--no-install-recommends', 'strace']
  const { output } = await run('apt-get', install, { env: quiet, deadlineMs: INSTALL_WITHIN_MS })
  if (await isThere(env)) return
  throw new Error(`a power cut needs strace: apt-get install strace (${output.trim().split('\n').at(-1) ?? ''})`)
}

async function isThere(env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await run('strace', ['-V'], { env, deadlineMs: LOOK_WITHIN_MS })).ok
}
