/** Base of every error that this package throws on purpose; `code` is stable, the message is for people. */
export class RefundError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** A refund was refused before anything was sent; `faults` names every reason at once. */
export class RefundDataError extends RefundError {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super('refund_data', faults.join('; '))
    this.faults = faults
  }
}
