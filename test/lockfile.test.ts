/**
 * `npm ci` refuses a lockfile that leaves out an optional platform package some dependency names, which happens silently
 * when the registry did not have it yet; and a machine that is already installed does not notice.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Entry {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  readonly packages: Readonly<Record<string, Entry>>
}

test('the lockfile holds every optional package that is named', () => {
  const left = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      name => !(`node_modules/${name}` in lock.packages) && !(`${path}/node_modules/${name}` in lock.packages),
    ),
  )
  expect(left).toEqual([])
})

test('what the package depends on has one exact version', () => {
  const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = lock.packages['']!
  const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([])
})
