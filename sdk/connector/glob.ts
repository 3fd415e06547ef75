import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Files by a pattern: `*` and `?` within a name, `**` for any folders, `{a,b}` for one of several, `[0-9]` for one of a
 * class. Names that begin with a dot or an underscore are left out unless the pattern writes them so.
 */

/** True when a path means several files. A file whose name has such a character is found as it is. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path) && statSync(path, { throwIfNoEntry: false }) === undefined
}

/** The folder above the first part of a pattern that is one. */
export function baseOf(pattern: string): string {
  const parts = pattern.split('/')
  const fixed = parts.slice(
    0,
    parts.findIndex(part => /[*?[{]/.test(part)),
  )
  return fixed.length === 0 ? '.' : fixed.join('/') || '/'
}

/** The files that a pattern names, in the order of their paths. */
export function glob(pattern: string): string[] {
  const base = baseOf(pattern)
  const parts = pattern
    .slice(base === '.' && !pattern.startsWith('./') ? 0 : base.length + (base === '/' ? 0 : 1))
    .split('/')
  const found = new Set<string>()
  walk(base, parts, found)
  return [...found].sort()
}

/** The files in a folder and those below it, in the order of their paths. */
export function filesBelow(folder: string): string[] {
  const found = new Set<string>()
  walk(folder, ['**', '*'], found)
  return [...found].sort()
}

function walk(folder: string, parts: readonly string[], found: Set<string>): void {
  const [part = '', ...rest] = parts
  if (part === '**') walk(folder, rest.length > 0 ? rest : ['*'], found)
  const matches = part === '**' ? matcher('*') : matcher(part)
  for (const entry of entriesOf(folder)) {
    if (!matches(entry.name)) continue
    const path = join(folder, entry.name)
    const isFolder = entry.isSymbolicLink()
      ? statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
      : entry.isDirectory()
    if (part === '**') {
      if (isFolder && !entry.isSymbolicLink()) walk(path, parts, found) // a link may lead back up
    } else if (rest.length > 0) {
      if (isFolder) walk(path, rest, found)
    } else if (!isFolder) found.add(path)
  }
}

function entriesOf(folder: string): ReturnType<typeof listing> {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? listing(folder) : []
}

function listing(folder: string) {
  return readdirSync(folder, { withFileTypes: true })
}

function matcher(part: string): (name: string) => boolean {
  let source = ''
  for (let i = 0; i < part.length; i++) {
    const char = part[i]!
    const close = char === '[' ? part.indexOf(']', i + 2) : -1
    if (char === '*') source += '.*'
    else if (char === '?') source += '.'
    else if (char === '{') source += '(?:'
    else if (char === '}') source += ')'
    else if (char === ',' && depthAt(part, i) > 0) source += '|'
    else if (close > 0) {
      source += part
        .slice(i, close + 1)
        .replace('[!', '[^')
        .replaceAll('\\', '\\\\')
      i = close
    } else source += char.replace(/[.+^$()|[\]\\]/, '\\$&')
  }
  const form = new RegExp(`^${source}$`, 'su')
  return name => form.test(name) && (!/^[._]/.test(name) || /^[._]/.test(part))
}

/** How many braces are open before a place. */
function depthAt(part: string, end: number): number {
  const before = part.slice(0, end)
  return before.split('{').length - before.split('}').length
}
