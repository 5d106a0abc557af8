import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type AsyncAPIDocumentInterface, Parser } from '@asyncapi/parser'
import { beforeAll, describe, expect, test } from 'vitest'
import { REFUND_QUEUE } from '../../src/queue/names.ts'
import { writtenEventSchema } from '../../src/schemas/event.ts'
import { documents } from './documents.ts'
import { validator } from './validator.ts'

const FILE = fileURLToPath(new URL('../../docs/asyncapi.yaml', import.meta.url))

let document: AsyncAPIDocumentInterface | undefined
let told: readonly string[] = []
beforeAll(async () => {
  const parsed = await new Parser().parse(await readFile(FILE, 'utf8'), { source: FILE })
  document = parsed.document
  told = parsed.diagnostics.map(({ path, message }) => `${path.join('.')}: ${message}`)
})

describe('docs/asyncapi.yaml', () => {
  test('is valid, and its checker has nothing to say', () => {
    expect(told).toEqual([])
    expect(document?.version()).toBe('3.1.0')
  })

  test('names the queue of refunds, and every type of event', () => {
    expect(document?.channels().get('refund')?.address()).toBe(REFUND_QUEUE)
    const events = document?.channels().get('refundCompleted')?.messages().all()
    expect(events?.map((message) => message.name()).toSorted()).toEqual(
      writtenEventSchema.shape.type.options.toSorted(),
    )
  })

  test('gives an example of each message, which the schema of its payload takes', () => {
    const messages = document?.components().messages().all() ?? []
    expect(messages).toHaveLength(6)
    for (const message of messages) {
      const file = message.name() === 'refund' ? 'refund.schema.json' : 'refund-event.schema.json'
      expect(message.payload()?.json(), message.name()).toMatchObject({ schema: { title: documents[file]?.title } })
      const examples = message.examples().all()
      expect(examples.length, message.name()).toBeGreaterThan(0)
      const valid = validator(documents[file] ?? {})
      for (const example of examples) expect(valid(example.payload()), JSON.stringify(valid.errors)).toBe(true)
    }
  })
})
