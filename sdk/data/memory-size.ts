import { PlanError } from './errors.ts'

/** Amounts of memory as options have them: a number and `MB` or `GB`, of which a GB is 1000 MB. */
export type MemorySize = `${number} ${'MB' | 'GB'}`

/** The bytes of an amount; a text that is none is refused. `where` names the function that has the option. */
export function memoryBytes(text: MemorySize, where: string): number {
  const found = /^(\d+(?:\.\d+)?) (MB|GB)$/.exec(text)
  const bytes = found === null ? 0 : Number(found[1]) * (found[2] === 'GB' ? 1e9 : 1e6)
  if (bytes > 0) return bytes
  const sentence = `${where}: memory is an amount such as '500 MB' or '2 GB', found ${JSON.stringify(text)}`
  throw new PlanError('bad-option', sentence, { option: 'memory' })
}
