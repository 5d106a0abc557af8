/** What a text for Prometheus says, read by a reader of our own. */
export interface ReadFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly ReadSample[]
}

export interface ReadSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g

/** @throws when a line is none, or belongs to no family */
export function readExposition(text: string): readonly ReadFamily[] {
  return text
    .split(/^(?=# HELP )/m)
    .filter((part) => part.trim() !== '')
    .map(readFamily)
}

function readFamily(text: string): ReadFamily {
  const [help = '', type = '', ...rest] = text.split('\n').filter((line) => line !== '')
  const [, name = '', meaning = ''] = /^# HELP (\S+) (.+)$/.exec(help) ?? []
  const [, typedName, typeName = ''] = /^# TYPE (\S+) (\w+)$/.exec(type) ?? []
  if (name === '' || typedName !== name) throw new Error(`no family: ${text}`)
  return { name, type: typeName, help: meaning, samples: rest.map((line) => readSample(line, name)) }
}

function readSample(line: string, family: string): ReadSample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? []
  if (!name.startsWith(family)) throw new Error(`no sample of ${family}: ${line}`)
  return {
    name,
    labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, text])),
    value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value),
  }
}

/** The figures of a name, each under its labels as Prometheus writes them: `state="open"`. */
export function figures(families: readonly ReadFamily[], name: string): Record<string, number> {
  const samples = families.flatMap((family) => family.samples).filter((sample) => sample.name === name)
  return Object.fromEntries(
    samples.map(({ labels, value }) => [
      Object.entries(labels)
        .map(([label, text]) => `${label}="${text}"`)
        .join(','),
      value,
    ]),
  )
}
