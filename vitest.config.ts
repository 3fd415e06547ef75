import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Tests read the sources under the package's own names, so that a stack trace points at what was written. */
const alias = [
  { find: /^millrace$/, replacement: source('sdk/index.ts') },
  { find: /^millrace\/(ml|plot)$/, replacement: source('sdk/$1/index.ts') },
]

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      { resolve: { alias }, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/services/**'], testTimeout: 60_000 } },
      { resolve: { alias }, test: { name: 'services', include: ['test/services/**/*.test.ts'], testTimeout: 300_000, fileParallelism: false } },
    ],
  },
})
