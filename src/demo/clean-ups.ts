type CleanUp = () => unknown

/** What was acquired is released in reverse order, going on past errors; asking again is harmless. */
export function cleanUps(say: (line: string) => void) {
  const open: { readonly name: string; readonly run: CleanUp }[] = []
  return {
    add(name: string, run: CleanUp): void {
      open.push({ name, run })
    },
    async run(): Promise<void> {
      for (let next = open.pop(); next; next = open.pop()) {
        try {
          await next.run()
        } catch (error) {
          say(`${next.name} did not end cleanly: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
    },
  }
}

export type CleanUps = ReturnType<typeof cleanUps>
