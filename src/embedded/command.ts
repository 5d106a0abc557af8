import { spawn } from 'node:child_process'

export interface CommandResult {
  readonly ok: boolean
  /** stdout and stderr as they came, at most the last 64 KiB. */
  readonly output: string
}

const keptCharacters = 65_536

/** Runs a command to its end, never longer than the deadline; a command that cannot be started is a failed one. */
export async function run(
  command: string,
  args: readonly string[],
  { env, deadlineMs }: { readonly env: NodeJS.ProcessEnv; readonly deadlineMs: number },
): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>()
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: deadlineMs })
  let output = ''
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-keptCharacters)
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  child.on('error', (error) => resolve({ ok: false, output: error.message }))
  child.on('close', (code) => resolve({ ok: code === 0, output }))
  return await promise
}
