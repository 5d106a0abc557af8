import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'

const bill = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.object({ name: z.string(), licenses: z.array(z.unknown()).optional() })),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
})
const lockFile = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) })
const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

test('the bill of materials has every package that is shipped, and none that is for development alone', () => {
  const { stdout, stderr } = spawnSync(process.execPath, [path('.ci/sbom.mjs')], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const { components, dependencies } = bill.parse(JSON.parse(stdout))
  const { packages } = lockFile.parse(JSON.parse(readFileSync(path('package-lock.json'), 'utf8')))
  const shipped = Object.entries(packages).flatMap(([place, { dev = false }]) =>
    place === '' || dev ? [] : [place.replace(/^.*node_modules\//, '')],
  )
  expect(new Set(components.map(({ name }) => name))).toEqual(new Set(shipped))
  expect(shipped).toContain('zod')
  expect(dependencies.length).toBe(components.length + 1)
})
