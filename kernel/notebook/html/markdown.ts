/**
 * Markdown → HTML that loads nothing: pictures beside the notebook and attachments of a cell are put into the page,
 * pictures on the network become links. Raw HTML is shown as text. Headings get ids and are collected for a table of
 * contents.
 */
import { existsSync, readFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import markdownIt, { type MarkdownIt } from 'markdown-it'
import type { Bundle } from '../../display/bundle.ts'
import { freeId } from '../model.ts'
import { escapeHtml } from './escape.ts'
import { highlight } from './highlight.ts'

export interface Heading {
  readonly level: number
  readonly id: string
  readonly text: string
}

export class Markdown {
  readonly headings: Heading[] = []
  readonly #folder: string
  readonly #ids = new Set<string>()
  readonly #parser: MarkdownIt
  #attachments: Attachments = null

  /** `folder` is where relative pictures are looked for. */
  constructor(folder: string) {
    this.#folder = folder
    this.#parser = markdownIt({ html: false, linkify: true, highlight })
    const { rules } = this.#parser.renderer
    rules.table_open = () => '<div class="scroll"><table>\n'
    rules.table_close = () => '</table></div>\n'
    rules.image = (tokens, index) => {
      const token = tokens[index]
      return this.#picture(String(token?.attrGet('src') ?? ''), token?.content ?? '')
    }
  }

  render(source: string, attachments: Attachments = null): string {
    this.#attachments = attachments
    const env = {}
    const tokens = this.#parser.parse(source, env)
    tokens.forEach((token, i) => {
      if (token.type !== 'heading_open') return
      const text = plain(tokens[i + 1]?.children ?? [])
      const id = freeId(slug(text), this.#ids)
      token.attrSet('id', id)
      this.headings.push({ level: Number(token.tag.slice(1)), id, text })
    })
    return this.#parser.renderer.render(tokens, this.#parser.options, env)
  }

  #picture(source: string, description: string): string {
    const data = source.startsWith('data:image/')
      ? source
      : source.startsWith('attachment:')
        ? attached(decodeURIComponent(source.slice('attachment:'.length)), this.#attachments)
        : this.#local(source)
    const text = escapeHtml(description === '' ? source : description)
    if (data !== null) return `<img src="${escapeHtml(data)}" alt="${escapeHtml(description)}">`
    return /^https?:/.test(source) ? `<a href="${escapeHtml(source)}">${text}</a>` : `<em>${text} (not found)</em>`
  }

  #local(source: string): string | null {
    const type = TYPES[extname(source).toLowerCase()]
    if (type === undefined || /^[a-z]+:/i.test(source)) return null
    const path = resolve(this.#folder, decodeURIComponent(source))
    return existsSync(path) ? `data:${type};base64,${readFileSync(path).toString('base64')}` : null
  }
}

type Attachments = { readonly [name: string]: Bundle } | null

const TYPES: { readonly [extension: string]: string } = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
}

function attached(name: string, attachments: Attachments): string | null {
  const picture = Object.entries(attachments?.[name] ?? {}).find(([mime]) => mime.startsWith('image/'))
  if (picture === undefined) return null
  const [mime, data] = picture
  return `data:${mime};base64,${String(data).replace(/\s+/g, '')}`
}

/** Words of a heading without its markup. */
function plain(tokens: readonly { readonly type: string; readonly content: string }[]): string {
  const words = tokens.filter(token => token.type === 'text' || token.type === 'code_inline')
  return words.map(token => token.content).join('')
}

function slug(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.length === 0 ? 'section' : words.join('-')
}
