import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('second-opinion.php', import.meta.url))
const demanded = process.env.REQUIRE_TOOLS === 'true'

/** Whether Debian's php-cli (with its openssl) and openssl are here. CI demands them; else their tests are skipped. */
export const php = { missing: !demanded && !works('php', ['-r', 'exit(function_exists("openssl_sign") ? 0 : 1);']) }
export const openssl = { missing: !demanded && !works('openssl', ['version']) }

for (const [name, { missing }] of Object.entries({ 'php-cli': php, openssl })) {
  if (missing) console.warn(`skipped: what ${name} thinks of our signatures, as it is not installed`)
}

function works(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0
}

export interface Asked {
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** base64 */
  readonly sign: string
}

/** What PHP makes of each message: its source text, with and without flags for ksort, its signature, its verdict. */
export function phpOn(
  messages: readonly Asked[],
  keys: { readonly private: string; readonly public: string },
): unknown {
  const input = JSON.stringify({ messages, ...keys })
  return JSON.parse(execFileSync('php', [script], { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }))
}
