import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { cleanUp } from '../support/clean-up.ts'
import { page } from './metrics.ts'
import { promtool } from './tool.ts'

const dashboard = readFileSync(new URL('../../deploy/grafana/refunds.json', import.meta.url), 'utf8')
const RULES = 'deploy/prometheus/alerts.yml'

describe.skipIf(promtool.missing)("promtool (Debian's package prometheus; REQUIRE_TOOLS=true demands it)", () => {
  test('takes the configuration and the rules without a complaint', () => {
    expect(promtool.run(['check', 'config', '--lint-fatal', 'deploy/prometheus/prometheus.yml'])).toMatchObject({
      code: 0,
    })
    expect(promtool.run(['check', 'rules', '--lint-fatal', RULES])).toMatchObject({ code: 0 })
  })

  test('sees every alert fire where it must, and stay silent where it must not', () => {
    expect(promtool.run(['test', 'rules', 'deploy/prometheus/alerts.test.yml'])).toMatchObject({ code: 0 })
  })

  test('can read every question of the dashboard', () => {
    const expressions = [...dashboard.matchAll(/^\s*"expr": (".*"),?$/gm)].map(([, text = '']) =>
      z.string().parse(JSON.parse(text)).replaceAll('$__rate_interval', '1m'),
    )
    expect(expressions.length).toBeGreaterThan(40)
    const rules = expressions.map((expr, index) => ({ record: `question:${index}`, expr }))
    const written = JSON.stringify({ groups: [{ name: 'questions', rules }] })
    const folder = mkdtempSync(join(tmpdir(), 'refund-dashboard-'))
    cleanUp(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'rules.json')
    writeFileSync(file, written)
    expect(promtool.run(['check', 'rules', '--lint=none', file])).toMatchObject({ code: 0 })
  })

  test('takes all that /metrics answers without a complaint', () => {
    expect(promtool.run(['check', 'metrics'], page)).toEqual({ code: 0, output: '' })
  })

  test('would complain: of a family told twice, and of a name without a unit', () => {
    const twice = `${page}\n# HELP refund_open Again.\n# TYPE refund_open gauge\nrefund_open 1\n`
    expect(promtool.run(['check', 'metrics'], twice).code).not.toBe(0)
    const nameless = page.replaceAll('refund_events_published_total', 'refund_events_published')
    expect(promtool.run(['check', 'metrics'], nameless).output).toContain('counter metrics should have "_total" suffix')
  })
})
