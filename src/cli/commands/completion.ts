import { type Command, InvalidArgumentError } from 'commander'
import { bashCompletion, type CommandWords, zshCompletion } from '../completion-script.ts'
import { type Io, put } from '../io.ts'
import { optionValues } from '../option-values.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion }

export function addCompletion(program: Command, io: Io): void {
  program
    .command('completion')
    .summary('print a completion script for bash or zsh')
    .description('Prints a script that completes commands, options and their values.')
    .argument('<shell>', 'bash or zsh', (text) => {
      if (text === 'bash' || text === 'zsh') return text
      throw new InvalidArgumentError('Expected bash or zsh.')
    })
    .addHelpText(
      'after',
      `
Examples:
  source <(refundctl completion bash)
  refundctl completion zsh > "\${fpath[1]}/_refundctl"`,
    )
    .action(async (shell: 'bash' | 'zsh') => put(io.stdout, SHELLS[shell](wordsOf(program))))
}

function wordsOf(program: Command): readonly CommandWords[] {
  return program.commands.flatMap((command) =>
    [command.name(), ...command.aliases()].map((name) => ({
      name,
      summary: command.summary(),
      options: [
        '--help',
        ...command.options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined)),
      ],
      words: command.commands.map((inner) => inner.name()),
      values: optionValues(command),
    })),
  )
}
