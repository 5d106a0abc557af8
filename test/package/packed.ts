import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PROJECT = fileURLToPath(new URL('project/', import.meta.url))
/** What a build needs; nothing that only a checkout has. */
const SOURCES =
  'package.json tsconfig.json tsconfig.build.json .ci src workers config docs LICENSE CHANGELOG.md README.md'.split(' ')
const NPM_FLAGS = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
const NO_REGISTRY = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED/

const run = promisify(execFile)

export interface Installed {
  readonly tarball: string
  /** a project that has nothing but this package */
  readonly project: string
  /** Runs one of its files. @returns what it printed */
  node(file: string, env: Readonly<Record<string, string>>): Promise<string>
  remove(): Promise<void>
}

/** Builds and packs a copy of the sources, as `npm publish` would, and installs the tarball in an empty project. */
export async function installPacked(): Promise<Installed> {
  const place = await mkdtemp(join(tmpdir(), 'refund-package-'))
  const remove = async () => await rm(place, { recursive: true, force: true })
  try {
    const tarball = await pack(place)
    const project = await emptyProject(place)
    await install(tarball, project)
    // types of the platform, which every project in TypeScript has
    await link('@types/node', project)
    await link('undici-types', project)
    return {
      tarball,
      project,
      async node(file, env) {
        const { stdout } = await run(process.execPath, [file], { cwd: project, env: { ...process.env, ...env } })
        return stdout
      },
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

async function pack(place: string): Promise<string> {
  const sources = join(place, 'sources')
  for (const name of SOURCES) await cp(join(ROOT, name), join(sources, name), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(sources, 'node_modules'))
  const { stdout } = await run('npm', ['pack', '--pack-destination', place], { cwd: sources }).catch(withOutput)
  return join(place, stdout.trim().split('\n').at(-1) ?? '')
}

/** What the compiler found stands on npm's standard output. */
function withOutput(error: unknown): never {
  const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
  throw new Error(`npm pack failed\n${output}`, { cause: error })
}

async function emptyProject(place: string): Promise<string> {
  const project = join(place, 'project')
  await mkdir(project)
  // `.txt`, since they are no part of the checkout's own code: they import the package by its name
  for (const file of await readdir(PROJECT)) await cp(join(PROJECT, file), join(project, file.replace(/\.txt$/, '')))
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true }))
  return project
}

async function install(tarball: string, project: string): Promise<void> {
  try {
    await run('npm', ['install', ...NPM_FLAGS, tarball], { cwd: project })
  } catch (error) {
    if (!NO_REGISTRY.test(String(error))) throw error
    await layOut(tarball, project)
  }
}

/** Without a registry: what npm does, with the packages of this checkout. One that is not declared is not there. */
async function layOut(tarball: string, project: string): Promise<void> {
  const folder = join(project, 'node_modules/lianlian-refund-worker')
  await mkdir(folder, { recursive: true })
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder])
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) await link(name, project)
}

async function link(name: string, project: string): Promise<void> {
  const place = join(project, 'node_modules', name)
  await mkdir(dirname(place), { recursive: true })
  await symlink(join(ROOT, 'node_modules', name), place).catch(() => {
    // npm has installed it
  })
}
