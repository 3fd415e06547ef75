/**
 * Two projects: `unit` needs nothing but Node, `services` needs what `.ci/run` installs. Tests read the sources under
 * the package's own names, so that a stack trace points at what was written.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const alias = [
  { find: /^millrace$/, replacement: source('sdk/index.ts') },
  { find: /^millrace\/(ml|plot)$/, replacement: source('sdk/$1/index.ts') },
  { find: /^millrace\/cli$/, replacement: source('sdk/cli.ts') },
]

/** A file for a machine-readable report beside the one on screen. */
const report = process.env['VITEST_REPORT']

const config: ViteUserConfig = defineConfig({
  resolve: { alias },
  test: {
    // Left to itself it keeps one processor for its own, which is half of a machine of two.
    maxWorkers: '100%',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/services/**'],
          testTimeout: 60_000,
          globalSetup: 'test/kernel/session/build-snapshot.ts',
          setupFiles: 'test/random-data.ts',
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'services',
          include: ['test/services/**/*.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})

export default config
