import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LONGEST_LINE, linesOf } from '../../src/books/lines.ts'

async function* chunks(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0
  for (let at = 0; from < bytes.length; at++) {
    const size = sizes[at % sizes.length] ?? 1
    yield await Promise.resolve(bytes.subarray(from, from + size))
    from += size
  }
}

async function numbered(bytes: Buffer, sizes: readonly number[] = [7]): Promise<[number, string | undefined][]> {
  const all: [number, string | undefined][] = []
  for await (const { first, lines } of linesOf(chunks(bytes, sizes))) {
    all.push(...lines.map((line, at): [number, string | undefined] => [first + at, line]))
  }
  return all
}

test('however a file is cut, every line comes once under its number', async () => {
  const line = fc.stringMatching(/^[ -~]{0,12}$/)
  const sizes = fc.array(fc.integer({ min: 3, max: 40 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1 }),
      sizes,
      fc.constantFrom('\n', '\r\n'),
      async (lines, cuts, end) => {
        const read = await numbered(Buffer.from(lines.map((each) => each + end).join('')), cuts)
        expect(read).toEqual(lines.map((each, at) => [at + 1, each]))
      },
    ),
  )
})

test.each([1, 2, 3, 4])(
  'a byte order mark is known in pieces of %i as well, and only at the beginning',
  async (size) => {
    const read = await numbered(Buffer.from('\ufeff\ufeffa\n\ufeffb'), [size])
    const mark = Buffer.from('\ufeff').toString('latin1')
    expect(read).toEqual([
      [1, `${mark}a`],
      [2, `${mark}b`],
    ])
    const part = Buffer.from('\ufeff').subarray(0, 2)
    expect(await numbered(part, [size])).toEqual([[1, part.toString('latin1')]])
  },
)

test('a byte order mark is no part of the first line, and the last line needs no end', async () => {
  expect(await numbered(Buffer.from('\ufeffa\r\nb'))).toEqual([
    [1, 'a'],
    [2, 'b'],
  ])
})

test('bytes stay as they are, whatever their encoding', async () => {
  const bytes = Buffer.from([0xd5, 0x7c, 0x0a, 0xff])
  expect(await numbered(bytes, [1])).toEqual([
    [1, '\u00d5|'],
    [2, '\u00ff'],
  ])
})

test('a line that is too long is told as one line, and those behind it are read', async () => {
  const bytes = Buffer.from(`a\n${'x'.repeat(3 * LONGEST_LINE)}\nb\n${'y'.repeat(LONGEST_LINE + 1)}`)
  for (const size of [1000, 10 * LONGEST_LINE]) {
    expect(await numbered(bytes, [size])).toEqual([
      [1, 'a'],
      [2, undefined],
      [3, 'b'],
      [4, undefined],
    ])
  }
})
