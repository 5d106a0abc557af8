import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { JsonSchema } from '../../src/package/schemas.ts'

/** As strict as ajv can be: a keyword that it does not know, or that cannot apply, is an error in the schema. */
export function validator(schema: JsonSchema): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allErrors: true, strictRequired: false, formats: { uri: true } })
  return ajv.compile(schema)
}
