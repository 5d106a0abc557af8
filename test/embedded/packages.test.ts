import { expect, test } from 'vitest'
import { installReason } from '../../src/embedded/packages.mjs'

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/got': { version: '16.1.0' },
    'node_modules/fsevents': { version: '2.3.3', optional: true },
  },
}

test('what the lock file asks for is not installed again, optional packages of other platforms included', () => {
  const installed = { packages: { 'node_modules/got': { version: '16.1.0' } } }
  expect(installReason(lock, installed)).toBeUndefined()
})

test('a fresh clone is installed', () => {
  expect(installReason(lock, undefined)).toBe('no packages are installed')
})

test('a package that the lock file gained is installed', () => {
  expect(installReason(lock, { packages: {} })).toBe('node_modules/got is missing')
})

test('a package that is older than the lock file says is installed', () => {
  const installed = { packages: { 'node_modules/got': { version: '15.0.0' } } }
  expect(installReason(lock, installed)).toBe('node_modules/got is 15.0.0, the lock file says 16.1.0')
})

test('an optional package of another version is installed', () => {
  const installed = {
    packages: { 'node_modules/got': { version: '16.1.0' }, 'node_modules/fsevents': { version: '2.0.0' } },
  }
  expect(installReason(lock, installed)).toBe('node_modules/fsevents is 2.0.0, the lock file says 2.3.3')
})
