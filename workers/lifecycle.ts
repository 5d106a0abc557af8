import type { Logger } from 'pino'

type CleanUp = () => unknown

/** What was acquired is released in reverse order, going on past errors; asking twice is harmless. */
export class Lifecycle {
  readonly #log: Logger
  readonly #cleanUps: { readonly name: string; readonly run: CleanUp }[] = []
  #stopping: Promise<void> | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  onStop(name: string, run: CleanUp): void {
    this.#cleanUps.push({ name, run })
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#release()
    return this.#stopping
  }

  async #release(): Promise<void> {
    for (const { name, run } of this.#cleanUps.toReversed()) {
      try {
        await run()
      } catch (error) {
        this.#log.error({ err: error, part: name }, 'a part did not stop cleanly')
      }
    }
  }
}
