import { spawn } from 'node:child_process'
import { Socket } from 'node:net'

/**
 * Has a shell script run when this process ends in any way, kill -9 included: the shell waits on a pipe from here,
 * which the kernel closes with us. An 'exit' handler would miss signals.
 *
 * @param args the script's `$1`, `$2`, ...
 * @returns lets go: the script will not run
 */
export function onceWeEnd(script: string, args: readonly string[]): () => void {
  const shell = spawn('sh', ['-c', `read -r _; ${script}`, 'watchdog', ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.on('error', () => {
    // Without a shell there is no watchdog; ending things in order still works.
  })
  shell.unref()
  if (shell.stdin instanceof Socket) shell.stdin.unref()
  return () => {
    shell.kill('SIGKILL')
    shell.stdin.destroy()
  }
}
