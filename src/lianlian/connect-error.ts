/** A connection that could not be made. The code is all that is told of it: it names neither a peer nor a credential. */
export class ConnectError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
