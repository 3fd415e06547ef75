/** Source code → HTML spans with the class names of highlight.js; text in an unknown language is only escaped. */
import hljs from 'highlight.js/lib/common'
import { escapeHtml } from './escape.ts'

export function highlight(code: string, language: string): string {
  const known = hljs.getLanguage(language) !== undefined
  return known ? hljs.highlight(code, { language, ignoreIllegals: true }).value : escapeHtml(code)
}
