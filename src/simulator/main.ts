/** Runs the simulated gateway by itself: see `--help`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Arguments } from './arguments.ts'
import { HELP, readArguments } from './arguments.ts'
import { gatewayKeys, readPublicKey } from './signing.ts'
import type { Simulator } from './simulator.ts'
import { startSimulator } from './simulator.ts'

const WRONG_USAGE = 2

function log(event: object): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`)
}

function wrong(text: string): void {
  process.stderr.write(`simulator: ${text}\n`)
  process.exitCode = WRONG_USAGE
}

/** Reads a key file. @returns the text, or what is wrong with it, which never quotes the file */
function readKey(option: string, file: string, parse: (text: string) => unknown): { text: string } | { wrong: string } {
  try {
    const text = readFileSync(file, 'utf8').trim()
    parse(text)
    return { text }
  } catch (error) {
    const code = error instanceof Error && 'syscall' in error ? error.message : `${file} holds no usable RSA key`
    return { wrong: `--${option}: ${code}` }
  }
}

async function start(given: Arguments): Promise<Simulator | undefined> {
  const merchantKey = readKey('merchant-public-key', given.merchantPublicKeyFile, readPublicKey)
  const { gatewayPrivateKeyFile: file, writePublicKeyFile } = given
  const gatewayKey = file === undefined ? undefined : readKey('gateway-private-key', file, gatewayKeys)
  for (const key of [merchantKey, gatewayKey]) if (key && 'wrong' in key) wrong(key.wrong)
  if ('wrong' in merchantKey || (gatewayKey && 'wrong' in gatewayKey)) return undefined

  const simulator = await startSimulator({
    ...given.options,
    merchants: [{ oid_partner: given.oid_partner, publicKey: merchantKey.text }],
    ...(gatewayKey && { gatewayPrivateKey: gatewayKey.text }),
    keepRequests: 0,
    onEvent: log,
  })
  try {
    if (writePublicKeyFile !== undefined) writeFileSync(writePublicKeyFile, simulator.publicKey)
  } catch (error) {
    await simulator.stop()
    throw error
  }
  log({ event: 'listening', url: simulator.url, public_key: simulator.publicKey })
  return simulator
}

/** Ends the simulator; the last line counts everything, but lists no refund that is well. */
async function stop(simulator: Simulator, { reportsFolder, reportColumns }: Arguments): Promise<void> {
  await simulator.stop()
  if (reportsFolder !== undefined) {
    mkdirSync(reportsFolder, { recursive: true })
    for (const [name, text] of simulator.reports(reportColumns)) writeFileSync(path.join(reportsFolder, name), text)
  }
  const { moved, ...counts } = simulator.summary()
  log({ event: 'stopped', ...counts, moved: Object.keys(moved).length })
}

const args = readArguments(process.argv.slice(2))
if (args === 'help') process.stdout.write(HELP)
else if ('wrong' in args) wrong(args.wrong)
else {
  try {
    const simulator = await start(args)
    let stopping = false
    const onSignal = () => {
      if (!simulator || stopping) return
      stopping = true
      void stop(simulator, args)
    }
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, onSignal)
  } catch (error) {
    // A taken port or an unwritable file: broken surroundings, in one line.
    process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
