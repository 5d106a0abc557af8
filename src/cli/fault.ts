/** Why a command ends without success; told in one line, without a stack trace. */
export class CommandFault extends Error {
  /** 1: failed; 2: wrong usage */
  readonly exitCode: 1 | 2

  constructor(message: string, { exitCode = 1, ...options }: ErrorOptions & { readonly exitCode?: 1 | 2 } = {}) {
    super(message, options)
    this.name = 'CommandFault'
    this.exitCode = exitCode
  }
}

/** What was asked for makes no sense; nothing was done. */
export function wrongUsage(message: string): CommandFault {
  return new CommandFault(message, { exitCode: 2 })
}
