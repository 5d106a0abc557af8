import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const page = read('docs/threat-model.md')

const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')

test('the threat model links to pages and parts of pages that are there', () => {
  const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)(?:#([^)]*))?\)/g)]
  expect(links.length).toBeGreaterThan(8)
  for (const [, file = '', part] of links) {
    const headings = [...read(`docs/${file}`).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
    if (part !== undefined) expect(headings, `${file}#${part}`).toContain(part)
  }
})

test('the threat model names tests and files that are there', () => {
  const named = [...page.matchAll(/`((?:test|deploy|\.ci)\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(25)
  expect(named.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([])
})
