/** Fills `.rivals` with what `bench/rivals.json` pins, from npm, PyPI and Maven Central. What stands there is kept. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rivalsFolder, root } from './rivals.ts'

interface Pins {
  readonly npm: { readonly dependencies: object; readonly overrides?: object }
  readonly pypi: readonly string[]
  readonly maven: readonly { readonly path: string; readonly sha1: string }[]
}

const pins = JSON.parse(readFileSync(join(root, 'bench/rivals.json'), 'utf8')) as Pins

const run = (command: string, args: readonly string[], cwd: string): void => {
  console.log(`${command} ${args.join(' ')}`)
  execFileSync(command, args, { cwd, stdio: 'inherit' })
}

const npm = join(rivalsFolder, 'npm')
mkdirSync(npm, { recursive: true })
writeFileSync(join(npm, 'package.json'), JSON.stringify({ private: true, ...pins.npm }, null, 2))
run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], npm)

const python = join(rivalsFolder, 'python')
if (!existsSync(join(python, 'bin/python'))) run('python3', ['-m', 'venv', python], root)
run(join(python, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pins.pypi], root)

const maven = join(rivalsFolder, 'maven')
mkdirSync(maven, { recursive: true })
for (const { path, sha1 } of pins.maven) {
  const target = join(maven, path.split('/').at(-1)!)
  if (existsSync(target)) continue
  const address = `https://repo1.maven.org/maven2/${path}`
  console.log(address)
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const found = createHash('sha1').update(bytes).digest('hex')
  if (found !== sha1) throw new Error(`${address}: sha1 is ${found}, ${sha1} is pinned`)
  writeFileSync(target, bytes)
}
