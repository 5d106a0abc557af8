import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type CommandResult, run } from './command.ts'

const programs = ['redis-server', 'valkey-server']

/** Where package managers put servers, for a PATH that lacks them (Homebrew's, in a shell that is no login shell). */
const usualFolders = [
  '/usr/bin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/usr/local/opt/redis/bin',
  '/opt/local/bin',
  '/home/linuxbrew/.linuxbrew/bin',
]

/** The full path of this machine's Redis or Valkey server, or undefined. */
export function findRedisProgram(env: NodeJS.ProcessEnv): string | undefined {
  return findProgram(programs, [...(env.PATH ?? '').split(delimiter), ...usualFolders])
}

function findProgram(names: readonly string[], folders: readonly string[]): string | undefined {
  const files = names.flatMap((name) => folders.filter(Boolean).map((folder) => join(folder, name)))
  return files.find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

interface PackageManager {
  readonly program: string
  /** Homebrew refuses to run as root, the others need root. */
  readonly asRoot: boolean
  readonly commands: readonly (readonly string[])[]
}

const packageManagers: readonly PackageManager[] = [
  {
    program: 'apt-get',
    asRoot: true,
    commands: [
      ['apt-get', 'update'],
      ['apt-get', 'install', '-y', '--no-install-recommends', 'redis-server'],
    ],
  },
  { program: 'apk', asRoot: true, commands: [['apk', 'add', '--no-cache', 'redis']] },
  { program: 'dnf', asRoot: true, commands: [['dnf', 'install', '-y', 'redis']] },
  { program: 'brew', asRoot: false, commands: [['brew', 'install', 'redis']] },
]

/** Minutes, not seconds: a package mirror may be slow. */
const installDeadlineMs = 300_000

/**
 * Installs a Redis server with the machine's package manager.
 *
 * @returns the server's full path, or the one line that tells a person what to do
 */
export async function installRedisProgram(
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<{ readonly program: string } | { readonly fault: string }> {
  const folders = [...(env.PATH ?? '').split(delimiter), ...usualFolders]
  const manager = packageManagers.find((known) => findProgram([known.program], folders) !== undefined)
  if (manager === undefined) {
    return { fault: 'no Redis found: install redis-server 7 or valkey-server, or set REDIS_URL' }
  }
  const isRoot = process.getuid?.() === 0
  if (manager.asRoot !== isRoot) return { fault: `no Redis found: run \`${byHand(manager)}\`, or set REDIS_URL` }
  say(`installing a Redis server with ${manager.program}`)
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive', HOMEBREW_NO_AUTO_UPDATE: '1' }
  let last: CommandResult | undefined
  for (const [command = '', ...args] of manager.commands) {
    last = await run(command, args, { env: quiet, deadlineMs: installDeadlineMs })
  }
  const program = findRedisProgram(env)
  if (program !== undefined) return { program }
  const why = last?.output.trim().split('\n').at(-1) ?? ''
  return { fault: `no Redis found, and \`${byHand(manager)}\` did not install one: ${why}` }
}

function byHand({ commands, asRoot }: PackageManager): string {
  return commands.map((words) => (asRoot ? ['sudo', ...words] : words).join(' ')).join(' && ')
}
