import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly output: string
}

/**
 * Where promtool is, of Debian's package `prometheus`. CI sets REQUIRE_TOOLS=true, and a tool that is missing then fails the
 * tests that need it instead of skipping them.
 */
export const promtool = {
  missing: spawnSync('promtool', ['--version']).error !== undefined && process.env.REQUIRE_TOOLS !== 'true',

  run(args: readonly string[], input = ''): Ran {
    const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd: root, input, encoding: 'utf8' })
    if (error) throw error
    return { code: status, output: `${stdout}${stderr}` }
  },
}
