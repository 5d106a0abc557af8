import { isSettingName, type SettingName } from './schema.ts'

/** Reads a file as UTF-8; throws like `fs.readFileSync`. */
export type ReadFile = (path: string) => string

const SUFFIX = '_FILE'

/** The variable that names a file holding the setting, `X_FILE` for X; a setting that is a file itself has none. */
export function fileVariable(name: SettingName): string | undefined {
  return name.endsWith(SUFFIX) ? undefined : `${name}${SUFFIX}`
}

export function settingOfFileVariable(variable: string): SettingName | undefined {
  if (!variable.endsWith(SUFFIX)) return undefined
  const name = variable.slice(0, -SUFFIX.length)
  return isSettingName(name) && fileVariable(name) === variable ? name : undefined
}

/** The text of a file, or why there is none. Neither says what the path was: it may be a secret set by mistake. */
export function readText(path: string, readFile: ReadFile): { text: string } | { fault: string } {
  try {
    return { text: readFile(path) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
    return { fault: `cannot read the file that it names${code}` }
  }
}

/** The value that a file holds: its text without the final line feed. */
export function readValue(path: string, readFile: ReadFile): { text: string } | { fault: string } {
  const read = readText(path, readFile)
  if ('fault' in read) return read
  const text = read.text.replace(/\r?\n$/, '')
  return text === '' ? { fault: 'the file that it names is empty' } : { text }
}
