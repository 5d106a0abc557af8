import { connect } from 'node:net'

const answerDeadlineMs = 1000

/** Sends one inline command; the answer's raw text, or '' when nobody answers in time. */
export async function askRedis(port: number, command: 'PING' | 'INFO server'): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect({ host: '127.0.0.1', port })
  let answer = ''
  socket.setEncoding('latin1')
  socket.setTimeout(answerDeadlineMs, () => socket.destroy())
  // QUIT makes the server close, so that the answer's end is seen without reading the protocol's lengths.
  socket.on('connect', () => socket.write(`${command}\r\nQUIT\r\n`))
  socket.on('data', (chunk: string) => {
    answer += chunk
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => resolve(answer.replace(/\+OK\r\n$/, '')))
  return await promise
}
