import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isSettingName } from '../../config/schema.ts'
import { metricNames } from '../deploy/metrics.ts'
import { FOLDER, read } from './documents.ts'

const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')

describe.each(['kubernetes.md', 'scaling.md'])('docs/%s', (page) => {
  const text = read(`docs/${page}`)

  test('links to pages and parts of pages that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)]
    expect(links.length).toBeGreaterThan(2)
    for (const [, file = '', part] of links) {
      const target = file === '' ? page : file
      const headings = [...read(`docs/${target}`).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
      if (part !== undefined) expect(headings, `${target}#${part}`).toContain(part)
    }
  })

  test('names figures and settings that are there', () => {
    const figures = [...text.matchAll(/`(refund_\w+)[`{]/g)].map(([, name = '']) => name)
    expect(figures.filter((name) => !metricNames.has(name))).toEqual([])
    const settings = [...text.matchAll(/`([A-Z]+_[A-Z_]+)[`=]/g)].map(([, name = '']) => name)
    expect(new Set(settings).size).toBeGreaterThan(5)
    expect(settings.filter((name) => !isSettingName(name))).toEqual([])
  })
})

test('docs/kubernetes.md tells what every folder adds', () => {
  const told = [...read('docs/kubernetes.md').matchAll(/^\| ((?:`[\w-]+`(?:, )?)+) \| [^|]+ \|$/gm)].flatMap(
    ([, cell = '']) => cell.replaceAll('`', '').split(', '),
  )
  const folders = readdirSync(new URL(`../../${FOLDER}/`, import.meta.url), { withFileTypes: true })
  expect(told.toSorted()).toEqual(folders.flatMap((each) => (each.isDirectory() ? [each.name] : [])).toSorted())
  for (const [, path = ''] of read('docs/kubernetes.md').matchAll(/`((?:deploy|base|ingress)\/[\w./-]+)`/g)) {
    const found = [path, `${FOLDER}/${path}`].some((each) => existsSync(new URL(`../../${each}`, import.meta.url)))
    expect(found, path).toBe(true)
  }
})
