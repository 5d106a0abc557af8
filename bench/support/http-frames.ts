/** One HTTP message of a kept connection: its head, and as many bytes of body as the head announces. */
export interface Frame {
  readonly head: string
  readonly body: string
}

const END_OF_HEAD = '\r\n\r\n'

/**
 * Cuts a byte stream into HTTP messages, as far as the bench's own peers speak it: `content-length`, no chunks. It costs a
 * tenth of node:http, so that what stands beside the measured program takes little of the machine.
 *
 * @returns takes chunks as they come
 */
export function httpFrames(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let waiting = ''
  return (chunk) => {
    // one character a byte, so that lengths are bytes
    waiting += chunk.toString('latin1')
    for (let frame = first(waiting); frame; frame = first(waiting)) {
      waiting = waiting.slice(frame.head.length + END_OF_HEAD.length + frame.body.length)
      onFrame(frame)
    }
  }
}

function first(text: string): Frame | undefined {
  const end = text.indexOf(END_OF_HEAD)
  if (end === -1) return undefined
  const head = text.slice(0, end)
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  const from = end + END_OF_HEAD.length
  return text.length < from + length ? undefined : { head, body: text.slice(from, from + length) }
}
