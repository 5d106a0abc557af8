import type { Command } from 'commander'
import { type Overview, overview } from '../../flows/overview.ts'
import { durabilityFaults } from '../../redis/durability.ts'
import { type Io, paintFor, put } from '../io.ts'
import { type Format, outputOption, putOne } from '../output.ts'
import { withQueues } from '../queues.ts'
import { withSession } from '../session.ts'
import { statusText } from '../status-text.ts'
import { watched, watchOption } from '../watch.ts'

export function addStatus(program: Command, io: Io): void {
  program
    .command('status')
    .summary('the fleet at one moment')
    .description(
      'Shows the fleet at one moment: refunds and money by state, what is held, queues, workers, doors, stops.',
    )
    .addOption(outputOption())
    .addOption(watchOption())
    .addHelpText(
      'after',
      `
Examples:
  refundctl status
  refundctl status --watch 5
  refundctl status -o json | jq .held`,
    )
    .action(async ({ output, watch }: { readonly output: Format; readonly watch?: number }) =>
      withSession(io, async (session) =>
        withQueues(session, async (queues) => {
          const merchants = session.settings.merchants.map(({ oid_partner }) => oid_partner)
          const read = () =>
            overview({
              ledger: () => session.ledger.view(merchants),
              queues: () => queues.view(),
              durabilityFaults: () => durabilityFaults(session.redis),
            })
          await watched(io, watch, read, (seen) => show(io, output, seen))
        }),
      ),
    )
}

async function show(io: Io, output: Format, seen: Overview): Promise<void> {
  if (output === 'table') await put(io.stdout, statusText(seen, paintFor(io.stdout)))
  else await putOne(io, output, seen)
}
