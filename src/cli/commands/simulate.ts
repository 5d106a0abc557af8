import type { Command } from 'commander'

/** Lends the simulator's own command line. */
export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .summary('run a simulated gateway')
    .description('Runs a simulated gateway to try things against; refundctl simulate --help tells its options.')
    .argument('[args...]', "the simulator's own options")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      process.argv.splice(2, process.argv.length, ...args)
      await import('../../simulator/main.ts')
    })
}
