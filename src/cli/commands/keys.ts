import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { settingsVersions } from '../../flows/key-view.ts'
import { KeyError, type PrivateKey, type PublicKey, parsePrivateKey, parsePublicKeys } from '../../lianlian/keys.ts'
import { CommandFault, wrongUsage } from '../fault.ts'
import { type Io, put, say } from '../io.ts'
import { type KeyRow, keyColumns, keyRows } from '../key-text.ts'
import { type Format, outputOption, putRows } from '../output.ts'
import { partnerOption } from '../select.ts'
import { withSession } from '../session.ts'

interface Options {
  readonly partner?: string
  readonly check?: readonly string[]
  readonly output: Format
}

export function addKeys(program: Command, io: Io): void {
  program
    .command('keys')
    .summary("the merchants' keys, and when each was used")
    .description(
      "Shows every merchant's keys by their fingerprints, as the workers have them in their settings, and when each signed " +
        'or verified last. The keys themselves are not read. With --check: whether a private and a public key are a pair, ' +
        'which needs neither Redis nor settings.',
    )
    .addOption(partnerOption())
    .addOption(new Option('--check <file...>', 'the files of a private key and of the public key that should fit it'))
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  refundctl keys
  refundctl keys -o jsonl | jq -r 'select(.standing == "idle") | .fingerprint'
  refundctl keys --check new-private.pem new-public.pem`,
    )
    .action(async ({ partner, check, output }: Options) => {
      if (check) await checkPair(io, check)
      else await showKeys(io, partner, output)
    })
}

async function showKeys(io: Io, partner: string | undefined, output: Format): Promise<void> {
  await withSession(io, async ({ ledger, now, settings }) => {
    const merchants = settings.merchants.map(({ oid_partner }) => oid_partner)
    const { keys, loaded } = await ledger.view(merchants)
    const rows = keyRows(keys, now).filter(({ oid_partner }) => partner === undefined || oid_partner === partner)
    await putRows(io, output, { columns: () => keyColumns(now), json: (row: KeyRow) => row }, rows)
    if (rows.length === 0) say(io, 'no worker has told of its keys yet')
    const versions = settingsVersions(loaded)
    if (versions > 1) say(io, `the ${loaded.length} processes work with ${versions} different settings of merchants`)
    for (const { process, faults } of loaded) {
      if (faults > 0) say(io, `${process}: its settings have ${faults} faults, it goes on with what it had before`)
    }
  })
}

/** Signs with the one, verifies with the other. */
async function checkPair(io: Io, files: readonly string[]): Promise<void> {
  const [privateFile, publicFile, ...others] = files
  if (privateFile === undefined || publicFile === undefined || others.length > 0) {
    throw wrongUsage('--check takes two files: a private key, then the public key that should fit it')
  }
  const own: PrivateKey = parsed(privateFile, parsePrivateKey)
  const keys: readonly PublicKey[] = parsed(publicFile, parsePublicKeys)
  const probe = 'a text of no meaning'
  const signature = own.sign(probe)
  const fitting = keys.find((key) => key.verify(probe, signature))
  await put(io.stdout, `private  ${own.fingerprint}  ${own.bits} bits\n`)
  for (const key of keys) await put(io.stdout, `public   ${key.fingerprint}  ${key.bits} bits\n`)
  if (!fitting) throw new CommandFault('they are no pair: what the private key signs, the public key does not verify')
  await put(io.stdout, 'a pair: what the private key signs, the public key verifies\n')
}

/** No fault says a word of what the file holds. */
function parsed<T>(file: string, parse: (text: string) => T): T {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new CommandFault(`${file} cannot be read (${code})`, { cause: error })
  }
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof KeyError) throw new CommandFault(`${file}: ${error.message}`, { cause: error })
    throw error
  }
}
