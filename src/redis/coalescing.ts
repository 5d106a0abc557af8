import { Redis } from 'ioredis'

type Stream = Redis['stream']

const held = new WeakSet<Stream>()

/**
 * Commands of one turn of the event loop leave together: one system call for all of them, and Redis is woken once.
 */
export class CoalescingRedis extends Redis {
  override sendCommand(...given: Parameters<Redis['sendCommand']>): unknown {
    hold(this.stream)
    return super.sendCommand(...given)
  }
}

/** @param stream absent until the first connection */
function hold(stream: Stream | undefined): void {
  if (!stream || held.has(stream)) return
  held.add(stream)
  stream.cork()
  setImmediate(() => {
    held.delete(stream)
    stream.uncork()
  })
}
