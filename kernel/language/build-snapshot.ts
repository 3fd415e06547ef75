/**
 * Builds the start-up snapshot of the language process: `node build-snapshot.js BLOB SETUP`. Node freezes one script
 * without modules, so the program's modules and their two packages are first put into one file. The blob appears
 * under its name only when it is whole.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const require = createRequire(import.meta.url)

/** One script that defines every module reachable from the program and calls `prepare`. */
function bundle(setup: string): string {
  const parts: string[] = []
  const seen = new Set<string>()
  const add = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    const isModule = !file.endsWith('typescript.js')
    const script = isModule ? commonJs(text) : text
    const links: Record<string, string> = {}
    if (isModule) {
      for (const [, specifier] of script.matchAll(/\brequire\("([^"]+)"\)/g)) {
        if (specifier!.startsWith('node:')) continue
        links[specifier!] = locate(specifier!, file)
        add(links[specifier!]!)
      }
    }
    const [name, folder] = [file, path.dirname(file)].map(text => JSON.stringify(text))
    parts.push(
      `modules[${name}] = { links: ${JSON.stringify(links)}, file: ${name}, folder: ${folder},`,
      `  define: function (module, exports, require, __filename, __dirname) {${script}\n} }`,
    )
  }
  const program = fileURLToPath(new URL('./snapshot-program.js', import.meta.url))
  add(program)
  return `'use strict';
const modules = {}, loaded = {};
// Other modules hold native handles, which cannot be frozen; TypeScript does without them.
const frozen = new Set(['fs', 'path', 'os', 'v8']);
function node(name) {
  if (!frozen.has(name.replace('node:', ''))) throw new Error('not in a snapshot: ' + name);
  return require(name);
}
function load(file) {
  if (loaded[file]) return loaded[file].exports;
  const module = loaded[file] = { exports: {} };
  const { links, folder, define } = modules[file];
  define.call(module.exports, module, module.exports, name => links[name] ? load(links[name]) : node(name), file, folder);
  return module.exports;
}
${parts.join('\n')}
load(${JSON.stringify(program)}).prepare(${setup});
`
}

function commonJs(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true },
  }).outputText
}

function locate(specifier: string, from: string): string {
  if (specifier.startsWith('.')) return path.resolve(path.dirname(from), specifier)
  return specifier === 'typescript' ? require.resolve('typescript') : fileURLToPath(import.meta.resolve(specifier))
}

const [blob, setup] = process.argv.slice(2)
if (!blob || !setup) throw new Error('build-snapshot needs the file to write and the setup')
const scratch = `${blob}.${process.pid}`
mkdirSync(path.dirname(blob), { recursive: true })
try {
  writeFileSync(`${scratch}.cjs`, bundle(setup))
  const args = ['--disable-warning=ExperimentalWarning', '--snapshot-blob', scratch, '--build-snapshot']
  const { status, stderr } = spawnSync(process.execPath, [...args, `${scratch}.cjs`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the snapshot could not be built: ${stderr}`)
  renameSync(scratch, blob)
} finally {
  rmSync(`${scratch}.cjs`, { force: true })
  rmSync(scratch, { force: true })
}
