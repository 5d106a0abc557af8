/** The command line of the simulator, read into options; files are read by `main.ts`. */
import { parseArgs } from 'node:util'
import type { SimulatorOptions } from './options.ts'
import type { MsRange } from './random.ts'
import { REPORT_COLUMNS, type ReportColumns } from './report.ts'
import { FAULT_LEVELS } from './seeded.ts'

export const HELP = `Usage: node src/simulator/main.ts --oid-partner NUMBER --merchant-public-key FILE [options]

A simulated LianLian refund gateway. Serves /refund.htm, /exchangerefund.htm and /refundquery.htm, settles refunds,
notifies of them, and writes one JSON line an event on stdout. What it knows is kept in memory and ends with it.

  --oid-partner NUMBER          merchant number, 18 digits
  --merchant-public-key FILE    the merchant's public key: PEM or bare base64
  --gateway-private-key FILE    the gateway's private key, PEM; without it a new one is made
  --write-public-key FILE       writes the gateway's public key there, PEM
  --host HOST                   address to listen on (127.0.0.1)
  --port PORT                   port to listen on, 0 for any (9000)
  --repeated WHAT               a repeated no_refund: refuse (1002) or pay_again (refuse)
  --faults LEVEL                faults drawn by seed: none, some or many (none)
  --seed NUMBER                 (1)
  --quarantine-ms MS            the clients' shortest not-found waiting time; denials of paid refunds
                                are drawn below it, and none without it (0)
  --settle-ms MS|MIN-MAX        from acceptance to the final status (500)
  --latency-ms MS|MIN-MAX       before each answer (0)
  --notify-repeat-ms MS         between repeats of a notification (120000)
  --notify-max-repeats NUMBER   (30)
  --unsigned-refusals           refusals carry no signature
  --book FILE                   appends every movement of money to FILE as a JSON line
  --reports FOLDER              writes the daily reports of what was paid there when it ends
  --report-columns SET          order (14 columns) or currencies (19 and a header) (order)
  --help
`

const TEXT = { type: 'string' } as const
const OPTIONS = {
  'oid-partner': TEXT,
  'merchant-public-key': TEXT,
  'gateway-private-key': TEXT,
  'write-public-key': TEXT,
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '9000' },
  repeated: { type: 'string', default: 'refuse' },
  faults: { type: 'string', default: 'none' },
  seed: { type: 'string', default: '1' },
  'quarantine-ms': { type: 'string', default: '0' },
  'settle-ms': { type: 'string', default: '500' },
  'latency-ms': { type: 'string', default: '0' },
  'notify-repeat-ms': { type: 'string', default: '120000' },
  'notify-max-repeats': { type: 'string', default: '30' },
  'unsigned-refusals': { type: 'boolean', default: false },
  book: TEXT,
  reports: TEXT,
  'report-columns': { type: 'string', default: 'order' },
  help: { type: 'boolean', default: false },
} as const

export interface Arguments {
  readonly oid_partner: string
  readonly merchantPublicKeyFile: string
  readonly gatewayPrivateKeyFile?: string
  readonly writePublicKeyFile?: string
  readonly reportsFolder?: string
  readonly reportColumns: ReportColumns
  readonly options: Omit<SimulatorOptions, 'merchants'>
}

/** A wrong option, in words for the person who typed it. */
class WrongOption extends Error {}

/** @returns the arguments, `help` when it is asked for, or what is wrong in one line */
export function readArguments(argv: readonly string[]): Arguments | 'help' | { readonly wrong: string } {
  try {
    return read(argv)
  } catch (error) {
    // parseArgs throws a TypeError whose first sentence names the option.
    if (error instanceof WrongOption || error instanceof TypeError) {
      return { wrong: error.message.split(/\n|\. /)[0] ?? error.message }
    }
    throw error
  }
}

function read(argv: readonly string[]): Arguments | 'help' {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false })
  if (values.help) return 'help'
  const oid_partner = required('oid-partner', values['oid-partner'])
  if (!/^\d{18}$/.test(oid_partner)) throw new WrongOption('--oid-partner must have 18 digits')
  const gatewayPrivateKeyFile = values['gateway-private-key']
  const writePublicKeyFile = values['write-public-key']
  const port = whole('port', values.port)
  if (port > 65_535) throw new WrongOption('--port must be at most 65535')
  return {
    oid_partner,
    merchantPublicKeyFile: required('merchant-public-key', values['merchant-public-key']),
    ...(gatewayPrivateKeyFile !== undefined && { gatewayPrivateKeyFile }),
    ...(writePublicKeyFile !== undefined && { writePublicKeyFile }),
    ...(values.reports !== undefined && { reportsFolder: values.reports }),
    reportColumns: oneOf('report-columns', values['report-columns'], REPORT_COLUMNS),
    options: {
      host: values.host,
      port,
      repeated: oneOf('repeated', values.repeated, ['refuse', 'pay_again'] as const),
      faults: oneOf('faults', values.faults, FAULT_LEVELS),
      seed: whole('seed', values.seed),
      quarantineMs: whole('quarantine-ms', values['quarantine-ms']),
      settleMs: range('settle-ms', values['settle-ms']),
      latencyMs: range('latency-ms', values['latency-ms']),
      notifyRepeatMs: whole('notify-repeat-ms', values['notify-repeat-ms']),
      notifyMaxRepeats: whole('notify-max-repeats', values['notify-max-repeats']),
      signRefusals: !values['unsigned-refusals'],
      ...(values.book !== undefined && { bookFile: values.book }),
    },
  }
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new WrongOption(`--${name} is required`)
  return value
}

function whole(name: string, text: string): number {
  // Nine digits of milliseconds are eleven days, and still within what a timer can hold.
  if (!/^\d{1,9}$/.test(text)) throw new WrongOption(`--${name} must be a whole number, not '${text}'`)
  return Number.parseInt(text, 10)
}

function range(name: string, text: string): MsRange {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text)
  const [lowest, highest] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])]
  if (!match || highest < lowest) throw new WrongOption(`--${name} must be MS or MIN-MAX, not '${text}'`)
  return [lowest, highest]
}

/** Words of more than one part are taken with `-` or `_`. */
function oneOf<const T extends string>(name: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text.replaceAll('-', '_'))
  if (found === undefined) throw new WrongOption(`--${name} must be one of ${words.join(', ')}, not '${text}'`)
  return found
}
