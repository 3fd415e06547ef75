/**
 * The looks of the page: one column of readable width, colours as variables that hold a light and a dark value.
 * The names that JupyterLab gives its colours are defined too, so that outputs made for its themes fit in.
 */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#ffffff, #16181d);
  --raised: light-dark(#f6f7f9, #1e2128);
  --ink: light-dark(#1c2128, #dfe3ea);
  --muted: light-dark(#5f6b7a, #98a2b3);
  --line: light-dark(#dde1e7, #343a46);
  --grid: light-dark(#e8ebef, #2b303a);
  --axis: light-dark(#8b95a3, #6b7585);
  --accent: light-dark(#0b62c4, #74b0ff);
  --bad: light-dark(#c1272d, #ff7b72);
  --bad-paper: light-dark(#fdf1f0, #2c1c1d);
  --ansi-0: light-dark(#24292f, #8b949e); --ansi-1: light-dark(#c1272d, #ff7b72);
  --ansi-2: light-dark(#1a7f37, #56d364); --ansi-3: light-dark(#8a5c00, #e3b341);
  --ansi-4: light-dark(#0b62c4, #79c0ff); --ansi-5: light-dark(#8250df, #d2a8ff);
  --ansi-6: light-dark(#1b7c83, #56d4dd); --ansi-7: light-dark(#6e7781, #c9d1d9);
  --jp-layout-color0: var(--paper); --jp-layout-color1: var(--paper); --jp-layout-color2: var(--raised);
  --jp-ui-font-color0: var(--ink); --jp-ui-font-color1: var(--ink); --jp-ui-font-color2: var(--muted);
  --jp-content-font-color1: var(--ink); --jp-border-color1: var(--line); --jp-border-color2: var(--line);
  --jp-rendermime-table-row-background: var(--raised); --jp-brand-color1: var(--accent);
  --mono: ui-monospace, 'Cascadia Code', 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
:root[data-theme='light'] { color-scheme: light }
:root[data-theme='dark'] { color-scheme: dark }
* { box-sizing: border-box }
html { scroll-behavior: smooth; scroll-padding-top: 1rem }
body {
  margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: break-word;
  font: 1rem/1.65 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif;
}
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.15em }
#theme {
  position: absolute; top: 0.75rem; right: 0.75rem; z-index: 5; width: 2.25rem; height: 2.25rem; cursor: pointer;
  font-size: 1.1rem; line-height: 1; color: var(--muted); background: var(--raised);
  border: 1px solid var(--line); border-radius: 50%;
}
#theme:hover { color: var(--ink) }
nav { max-width: 60rem; margin: 1.5rem auto 0; padding: 0 1.25rem; font-size: 0.9rem }
nav summary { cursor: pointer; color: var(--muted); font-weight: 600 }
nav ol { list-style: none; margin: 0.5rem 0 0; padding: 0 }
nav li { padding: 0.15rem 0 } nav .level-1 { padding-left: 1rem } nav .level-2 { padding-left: 2rem }
nav a { color: inherit; text-decoration: none } nav a:hover { color: var(--accent); text-decoration: underline }
@media (min-width: 96rem) {
  nav { position: fixed; top: 2rem; left: calc(50% + 31rem); width: 15.5rem; margin: 0; max-height: calc(100vh - 4rem); overflow-y: auto; padding: 0 0 0 1rem; border-left: 1px solid var(--line) }
}
.cell { margin: 0 0 1.5rem }
.prose > :first-child { margin-top: 0 } .prose > :last-child { margin-bottom: 0 }
.prose { max-width: 46rem }
h1, h2, h3, h4 { line-height: 1.25; margin: 2.2em 0 0.6em; letter-spacing: -0.01em }
h1 { font-size: 2rem } h2 { font-size: 1.45rem } h3 { font-size: 1.15rem } h4 { font-size: 1rem }
section.prose:has(> h2:first-child) { margin-top: 3rem }
blockquote { margin: 1em 0; padding: 0 1em; border-left: 3px solid var(--line); color: var(--muted) }
hr { border: 0; border-top: 1px solid var(--line); margin: 2em 0 }
img { max-width: 100%; height: auto }
table { border-collapse: collapse; font-size: 0.9rem }
th, td { padding: 0.35rem 0.8rem; border-bottom: 1px solid var(--line); text-align: left }
.scroll { overflow-x: auto; margin: 1em 0 }
code, pre { font-family: var(--mono); font-size: 0.85rem; font-variant-ligatures: none }
:not(pre) > code { background: var(--raised); padding: 0.12em 0.35em; border-radius: 4px }
pre { margin: 0; line-height: 1.5; overflow-x: auto; tab-size: 2 }
.prose pre, .source { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 0.8rem 1rem }
.prose pre { margin: 1em 0 }
.count { display: block; text-align: right; margin: 0 0.2rem 0.2rem; font: 0.72rem var(--mono); color: var(--muted) }
.failed .count { color: var(--bad) }
.output { margin-top: 0.75rem; overflow-x: auto }
.output > pre { padding: 0 1rem }
.output > pre.stream { max-height: 24rem; overflow-y: auto }
.output > .html { padding: 0 1px }
.stderr { border-left: 3px solid var(--ansi-3); color: var(--muted) }
.error { white-space: pre-wrap; overflow-wrap: anywhere; padding: 0.8rem 1rem !important; background: var(--bad-paper); border-left: 3px solid var(--bad); border-radius: 4px }
.failed .source { border-color: var(--bad) }
.banner { background: var(--bad-paper); border: 1px solid var(--bad); border-radius: 8px; padding: 0.6rem 1rem; margin: 0 0 1.5rem }
.banner a { color: var(--bad); font-weight: 600 }
.figure { width: 100%; height: 28rem }
.note, footer, details > summary { color: var(--muted); font-size: 0.85rem }
footer { margin-top: 4rem }
.ansi-bold { font-weight: 700 } .ansi-dim { opacity: 0.7 } .ansi-italic { font-style: italic } .ansi-underline { text-decoration: underline }
.hljs-comment, .hljs-quote { color: light-dark(#67717e, #8b95a5); font-style: italic }
.hljs-keyword, .hljs-literal, .hljs-selector-tag, .hljs-doctag { color: light-dark(#a626a4, #d2a8ff) }
.hljs-string, .hljs-regexp, .hljs-addition { color: light-dark(#0a6640, #7ee2a8) }
.hljs-number, .hljs-symbol, .hljs-bullet { color: light-dark(#9a5200, #ffb77c) }
.hljs-title, .hljs-section, .hljs-name { color: light-dark(#0b62c4, #79b8ff) }
.hljs-type, .hljs-built_in, .hljs-attr, .hljs-attribute, .hljs-variable.language_ { color: light-dark(#00707a, #6fd3dc) }
.hljs-meta, .hljs-deletion { color: light-dark(#c1272d, #ff8f87) }
.hljs-emphasis { font-style: italic } .hljs-strong { font-weight: 700 }
@media print {
  #theme, nav { display: none }
  main { max-width: none; padding: 0 }
  .output, .output > pre.stream, pre { overflow: visible; max-height: none; white-space: pre-wrap }
  .input, .figure, .error { break-inside: avoid }
  h1, h2, h3 { break-after: avoid }
}
`
