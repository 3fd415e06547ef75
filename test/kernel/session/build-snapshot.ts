/**
 * Before the tests: builds the start-up snapshot of the language process once. Every session of theirs starts from it
 * for 0.6 instead of 2.3 CPU seconds, and none begins to build one that it gives up when it ends.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { languageSetup, packageRoot } from '../../../kernel/session/installation.ts'
import { LanguageSnapshot } from '../../../kernel/session/language-snapshot.ts'

export default async function buildSnapshot(): Promise<void> {
  // Tests of the sdk run without a build of the package.
  if (!existsSync(path.join(packageRoot, 'dist', 'kernel'))) return
  const alive = setInterval(() => undefined, 1000) // nobody waits for the builder: without this Node would end here
  try {
    await LanguageSnapshot.of(languageSetup(packageRoot))?.build().ended
  } finally {
    clearInterval(alive)
  }
}
