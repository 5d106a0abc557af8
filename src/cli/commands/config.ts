import type { Command } from 'commander'
import { describeSettings, type EffectiveSetting } from '../../../config/effective.ts'
import { loadOperatorSettings } from '../../../config/load.ts'
import { CommandFault } from '../fault.ts'
import { type Io, say } from '../io.ts'
import { type Format, outputOption, putRows } from '../output.ts'

export function addConfig(program: Command, io: Io): void {
  program
    .command('config')
    .summary('print the effective settings')
    .description('Prints every setting as it is in effect and where it comes from, secrets masked. Needs no Redis.')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  refundctl config
  refundctl config -o json | jq -r '.[] | select(.source != "default") | .name'`,
    )
    .action(async ({ output }: { readonly output: Format }) => {
      const rows = {
        json: (setting: EffectiveSetting) => setting,
        columns: () => [
          { title: 'NAME', text: ({ name }: EffectiveSetting) => name },
          { title: 'SOURCE', text: ({ source }: EffectiveSetting) => source },
          { title: 'VALUE', text: ({ value }: EffectiveSetting) => value?.replaceAll('\n', '\\n') ?? '-' },
        ],
      }
      await putRows(io, output, rows, describeSettings(io.env))
      const loaded = loadOperatorSettings(io.env)
      if (!loaded.ok) throw new CommandFault(loaded.faults.join('\n'))
      for (const warning of loaded.warnings) say(io, `warning: ${warning}`)
    })
}
