import { describe, expect, test } from 'vitest'
import { type Frame, httpFrames } from '../../bench/support/http-frames.ts'

function framesOf(chunks: readonly string[]): Frame[] {
  const frames: Frame[] = []
  const take = httpFrames((frame) => frames.push(frame))
  for (const chunk of chunks) take(Buffer.from(chunk))
  return frames
}

const message = (body: string) => `POST /x HTTP/1.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

describe('HTTP messages out of a byte stream', () => {
  test('come out whole, however they are cut', () => {
    const text = message('{"a":1}') + message('{"b":2}')
    for (let cut = 0; cut <= text.length; cut++) {
      const bodies = framesOf([text.slice(0, cut), text.slice(cut)]).map(({ body }) => body)
      expect(bodies, `cut at ${cut}`).toEqual(['{"a":1}', '{"b":2}'])
    }
  })

  test('lengths are bytes, not characters', () => {
    expect(framesOf([message('交易成功') + message('{}')]).map(({ body }) => body.length)).toEqual([12, 2])
  })

  test('a message without a body ends with its head', () => {
    expect(framesOf(['GET / HTTP/1.1\r\nhost: x\r\n\r\n'])).toEqual([{ head: 'GET / HTTP/1.1\r\nhost: x', body: '' }])
  })
})
