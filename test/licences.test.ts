/**
 * Every installed package, tools included, carries a licence that lets Millrace be used anywhere: nothing of the GPL
 * family, nothing without a licence. A choice (`A OR B`) needs one that is allowed, a conjunction needs both.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const allowed = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'CC-BY-4.0',
  'MPL-2.0',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
])

function permits(expression: string): boolean {
  const text = expression.replace(/^\((.*)\)$/, '$1')
  if (/ OR /.test(text)) return text.split(' OR ').some(permits)
  if (/ AND /.test(text)) return text.split(' AND ').every(permits)
  return allowed.has(text.replace(/ WITH LLVM-exception$/, ''))
}

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string | { readonly type?: string }
  readonly licenses?: readonly { readonly type?: string }[]
}

function licenceOf(manifest: Manifest): string {
  const { license, licenses } = manifest
  if (typeof license === 'string') return license
  if (license?.type !== undefined) return license.type
  return licenses?.map(each => each.type ?? 'unknown').join(' OR ') || 'unknown'
}

/** Packages of a `node_modules` folder, scoped and nested ones too. Manifests inside a package's own tree do not count. */
function packagesIn(modules: string): { name: string; licence: string }[] {
  const names = readdirSync(modules, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map(inner => `${name}/${inner}`) : [name],
    )
  return names.flatMap(name => {
    const folder = join(modules, name)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    const nested = readdirSync(folder).includes('node_modules') ? packagesIn(join(folder, 'node_modules')) : []
    return [{ name: `${name}@${manifest.version ?? '?'}`, licence: licenceOf(manifest) }, ...nested]
  })
}

test('every installed package has a licence that is allowed', () => {
  const packages = packagesIn(fileURLToPath(new URL('../node_modules', import.meta.url)))
  expect(packages.length).toBeGreaterThan(20)
  expect(packages.filter(({ licence }) => !permits(licence))).toEqual([])
})

test('the GPL family and unknown licences are refused, a choice is taken', () => {
  expect(
    ['GPL-3.0', 'AGPL-3.0-only', 'LGPL-2.1', 'unknown', 'SEE LICENSE IN x', 'MIT AND GPL-2.0'].map(permits),
  ).toEqual(Array(6).fill(false))
  expect(['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC'].map(permits)).toEqual([true, true, true])
})
