/** The hands with which one process sends, shared between merchants. */
export interface Turns {
  /** Whether a merchant has as many sends under way as it may have now. */
  isFull(oid_partner: string): boolean
  /** A send begins. @returns ends it; to be called once or more often */
  begin(oid_partner: string): () => void
}

/**
 * A merchant may have this many times as many sends under way as hands are free. Alone it takes four of five, two take
 * four of nine each: some are free always, for whoever comes and for accepting what is not sent yet.
 */
const TIMES_FREE = 4

/**
 * @param hands jobs that the process works on at once
 * @param isShared whether there is another merchant to leave something to; asked every time
 */
export function takeTurns(hands: number, isShared: () => boolean): Turns {
  const sends = new Map<string, number>()
  const all = () => [...sends.values()].reduce((sum, of) => sum + of, 0)
  return {
    isFull: (oid_partner) => isShared() && (sends.get(oid_partner) ?? 0) >= TIMES_FREE * (hands - all()),

    begin(oid_partner) {
      sends.set(oid_partner, (sends.get(oid_partner) ?? 0) + 1)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        const left = (sends.get(oid_partner) ?? 1) - 1
        if (left > 0) sends.set(oid_partner, left)
        else sends.delete(oid_partner)
      }
    },
  }
}
