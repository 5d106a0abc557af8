import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Whether there is a browser to test with; REQUIRE_TOOLS=true demands one. */
export function hasChromium(): boolean {
  if (existsSync(PROGRAM)) return true
  if (process.env.REQUIRE_TOOLS === 'true') throw new Error(`REQUIRE_TOOLS=true, but there is no ${PROGRAM}`)
  process.stderr.write(`no ${PROGRAM}: the tests in a browser are left out\n`)
  return false
}

const ALONE = '--disable-background-networking --disable-component-update --disable-sync --disable-quic'
const BARE = '--no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run'

/** A browser that speaks to nobody but the page's own server. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, args: `${ALONE} ${BARE}`.split(' ') })
}
