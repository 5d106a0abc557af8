import { z } from 'zod'

export type JsonSchema = Readonly<Record<string, unknown>>

const object = z.record(z.string(), z.unknown())

/** @throws when the schema has no such property: what is said about it would be lost */
export function propertyAt(schema: JsonSchema, name: string): JsonSchema {
  return object.parse(object.parse(schema.properties)[name])
}
