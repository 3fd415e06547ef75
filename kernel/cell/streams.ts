/** `process.stdout` and `process.stderr` of the main thread, each write sent on under the cell that wrote it. */
import { StringDecoder } from 'node:string_decoder'
import type { Reporter } from './report.ts'
import { currentRun } from './run-context.ts'

type Done = (error?: Error | null) => void

export function redirectStreams(reporter: Reporter): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder('utf8')
    const write = (data: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
      const callback = typeof encoding === 'function' ? encoding : done
      const text =
        typeof data !== 'string'
          ? decoder.write(Buffer.from(data))
          : typeof encoding === 'string' && encoding !== 'utf8' && encoding !== 'utf-8'
            ? decoder.write(Buffer.from(data, encoding))
            : data
      reporter.stream(currentRun().cell, name, text)
      if (callback) process.nextTick(callback)
      return true
    }
    Object.defineProperty(process[name], 'write', { value: write, configurable: true, writable: true })
  }
}
