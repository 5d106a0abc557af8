import { globSync, readFileSync } from 'node:fs'
import { parseSync, Visitor } from 'oxc-parser'

const LEVELS = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])

/** Programs that are no workers: they talk to a person on a terminal. */
const TALK = /^src\/(?:cli|demo|embedded|simulator)\//

/** One place in the code that writes to the log. */
export interface LogCall {
  readonly file: string
  readonly level: string
  /** absent where it is made elsewhere */
  readonly message: string | undefined
  /** names; `...text` for what is spread into the line */
  readonly fields: readonly string[]
}

/** Every call of a log in what a worker process runs, in order of files and lines. */
export function logCalls(root: string): LogCall[] {
  const files = globSync('{src,workers}/**/*.ts', { cwd: root }).filter((file) => !TALK.test(file))
  return files.toSorted().flatMap((file) => callsIn(file, readFileSync(`${root}/${file}`, 'utf8')))
}

function callsIn(file: string, code: string): LogCall[] {
  const { program, errors } = parseSync(file, code)
  const [error] = errors
  if (error !== undefined) throw new Error(`${file}: ${error.message}`)
  const textOf = ({ start, end }: { readonly start: number; readonly end: number }) => code.slice(start, end)
  const calls: LogCall[] = []
  new Visitor({
    CallExpression({ callee, arguments: given }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      const level = callee.property.name
      if (!LEVELS.has(level) || !/(?:^|[.#])log(?:ger)?$/.test(textOf(callee.object))) return
      const [first] = given
      const last = given.at(-1)
      const message = last?.type === 'Literal' && typeof last.value === 'string' ? last.value : undefined
      const fields = first === undefined || first === last ? [] : fieldsOf(first)
      calls.push({ file, level, message, fields })
    },
  }).visit(program)
  return calls

  function fieldsOf(given: { readonly type: string; readonly start: number; readonly end: number }): string[] {
    if (!('properties' in given) || !Array.isArray(given.properties)) return [`...${textOf(given)}`]
    return given.properties.map((property: { type: string; start: number; end: number }) => {
      const text = textOf(property)
      return property.type === 'SpreadElement' ? text : (/^\w+/.exec(text)?.[0] ?? text)
    })
  }
}
