import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HOLD_REASONS } from '../../src/refund/record.ts'
import { pathOf } from '../e2e/worker-process.ts'
import { anchorOf, readRunbook, wordsOf } from './book.ts'

const { text, headings, commands } = readRunbook()
const anchors = headings.map((heading) => anchorOf(heading))

test('every alert leads to a part of the runbook', () => {
  const rules = readFileSync(pathOf('deploy/prometheus/alerts.yml'), 'utf8')
  const named = [...rules.matchAll(/runbook_url: docs\/runbook\.md#(\S+)/g)].map(([, anchor]) => anchor)
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([])
})

test('every hold reason has a part of its own, which lists what is held for it', () => {
  for (const reason of HOLD_REASONS) {
    expect(headings).toContain(reason)
    const own = commands.filter(({ section }) => section === reason).map(({ line }) => line)
    expect(own).toContain(`refundctl list --held-for ${reason}`)
  }
})

test('no two parts have the same anchor, and every link within the page and beside it leads somewhere', () => {
  expect(new Set(anchors).size).toBe(anchors.length)
  const links = [...text.matchAll(/\]\(([^)]*)\)/g)].map(([, target = '']) => target)
  for (const link of links) {
    const [file = '', anchor] = link.split('#')
    const known = file === '' ? anchors : readRunbook(pathOf(`docs/${file}`)).headings.map((each) => anchorOf(each))
    if (anchor !== undefined) expect(known, link).toContain(anchor)
  }
})

test('whoever is told to release, cancel or resolve is told to say why', () => {
  const changing = commands
    .map(({ line }) => wordsOf(line))
    .filter(([verb]) => /^(release|cancel|resolve|hold)$/.test(verb ?? ''))
  expect(changing.length).toBeGreaterThan(10)
  for (const words of changing) {
    const why = words[0] === 'resolve' ? '--evidence' : '--reason'
    expect(words.includes('--dry-run') || words.includes(why), words.join(' ')).toBe(true)
  }
})

test('nothing that may have been paid is released without a question to LianLian first', () => {
  const released = commands.filter(({ line }) => line.startsWith('refundctl release')).map(({ section }) => section)
  expect(released).not.toContain('silence')
  expect(released).not.toContain('amount_mismatch')
  expect(released).not.toContain('Refund contradiction')
})
