/** What is done at every SIGHUP. */
export interface HangUps {
  /** The same from now on instead; at once, when one came before there was anything to do. */
  readonly heed: (next: () => void) => void
}

/** Hears SIGHUP from now on: a process that does not is ended by it. */
export function hearHangUps(): HangUps {
  let missed = false
  let onHangUp = () => {
    missed = true
  }
  process.on('SIGHUP', () => onHangUp())
  return {
    heed(next) {
      onHangUp = next
      if (!missed) return
      missed = false
      next()
    },
  }
}
