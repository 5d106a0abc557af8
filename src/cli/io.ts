import { once } from 'node:events'
import { styleText } from 'node:util'

/** The surroundings of a command. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

type Colour = Parameters<typeof styleText>[0]
export type Paint = (colour: Colour, text: string) => string

/** Colours of a stream: none into a pipe, or with NO_COLOR. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (colour, text) => styleText(colour, text, { stream })
}

/** Writes data, no faster than the reader takes it. */
export async function put(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain')
}

/** A line for the person, beside the data; what others wrote may not move the cursor. */
export function say(io: Io, line: string): void {
  io.stderr.write(`${line.replaceAll(/(?!\n)\p{Cc}|[\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD')}\n`)
}

/**
 * A reader that has seen enough (`| head`) ends the program, as it ends any other: with 0, unless a command that is worth
 * nothing half told has set `process.exitCode`. Where nothing can be written, such as to a full disk, it ends with 1.
 */
export function endWithReader(io: Io): void {
  io.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    say(io, `refundctl: the output cannot be written: ${error.message}`)
    process.exit(1)
  })
  io.stderr.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? (process.exitCode ?? 0) : 1)
  })
}
