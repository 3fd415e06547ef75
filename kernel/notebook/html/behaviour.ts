/**
 * The script of the page: the switch between light and dark, a plain style for tables without one of their own, and
 * figures that are drawn one by one and take their paper, ink and grid from the theme. A figure that brings a paper
 * of its own, neither white nor clear, keeps its colours.
 */
export const BEHAVIOUR: string = `'use strict'
{
  const root = document.documentElement
  const system = matchMedia('(prefers-color-scheme: dark)')

  const plain = new CSSStyleSheet()
  plain.replaceSync(\`
    :where(table) { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums }
    :where(th, td) { padding: 0.25rem 0.75rem; text-align: left; border-bottom: 1px solid var(--line) }
    :where(th) { font-weight: 600 }
    :where(svg, img) { max-width: 100%; height: auto }
  \`)
  for (const host of document.querySelectorAll('.html')) {
    if (host.shadowRoot) host.shadowRoot.adoptedStyleSheets = [plain, ...host.shadowRoot.adoptedStyleSheets]
  }

  const probe = document.body.appendChild(document.createElement('span'))
  probe.hidden = true
  const color = name => {
    probe.style.color = 'var(--' + name + ')'
    return getComputedStyle(probe).color
  }
  const merge = (under, over) => {
    const merged = { ...under }
    for (const [key, value] of Object.entries(over)) {
      const both = value && merged[key] && typeof value === 'object' && typeof merged[key] === 'object' && !Array.isArray(value)
      merged[key] = both ? merge(merged[key], value) : value
    }
    return merged
  }
  const themed = template => {
    const ink = color('ink'), grid = color('grid'), line = color('axis'), paper = color('paper'), clear = 'rgba(0,0,0,0)'
    const axis = { gridcolor: grid, linecolor: line, zerolinecolor: line, tickcolor: line }
    const scene = { backgroundcolor: clear, gridcolor: grid, linecolor: line, zerolinecolor: line }
    return merge(template ?? {}, {
      layout: {
        paper_bgcolor: clear, plot_bgcolor: clear, font: { color: ink, family: getComputedStyle(document.body).fontFamily },
        title: { font: { color: ink } },
        xaxis: axis, yaxis: axis, scene: { xaxis: scene, yaxis: scene, zaxis: scene },
        polar: { bgcolor: clear, angularaxis: axis, radialaxis: axis },
        legend: { bgcolor: clear, font: { color: ink } },
        coloraxis: { colorbar: { outlinecolor: line, tickcolor: line } },
        hoverlabel: { bgcolor: paper, bordercolor: line, font: { color: ink } },
        modebar: { bgcolor: clear, color: line, activecolor: ink },
        annotationdefaults: { font: { color: ink }, arrowcolor: ink },
      },
    })
  }

  const clearPaper = /^(white|transparent|#fff(fff)?|rgba\\(.*,\\s*0(\\.0*)?\\s*\\))$/i
  const themedLayout = figure => {
    const { paper_bgcolor: paper = 'white', template } = figure.layout ?? {}
    if (!clearPaper.test(paper)) return {}
    const clear = 'rgba(0,0,0,0)'
    return { template: themed(template), 'font.color': color('ink'), paper_bgcolor: clear, plot_bgcolor: clear }
  }

  const figures = []
  const draw = async () => {
    for (const place of document.querySelectorAll('.figure')) {
      const figure = JSON.parse(place.querySelector('script').textContent)
      const { 'font.color': ink, ...looks } = themedLayout(figure)
      const layout = { autosize: true, ...figure.layout, ...looks }
      if (ink) layout.font = { ...layout.font, color: ink }
      const config = { displaylogo: false, ...figure.config, responsive: true }
      if (layout.height) place.style.height = layout.height + 'px'
      try {
        await Plotly.newPlot(place, { data: figure.data ?? [], frames: figure.frames ?? [], layout, config })
        figures.push({ place, figure })
      } catch (error) {
        place.textContent = 'This figure cannot be drawn: ' + error.message
      }
      await new Promise(next => setTimeout(next))
    }
    root.dataset.drawn = String(figures.length)
  }
  let turn = draw()
  const restyle = () => {
    turn = turn.then(async () => {
      for (const { place, figure } of figures) await Plotly.relayout(place, themedLayout(figure))
    })
  }

  system.addEventListener('change', restyle)
  document.getElementById('theme').addEventListener('click', () => {
    const dark = (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark'
    root.dataset.theme = dark ? 'light' : 'dark'
    restyle()
  })
  let before
  addEventListener('beforeprint', () => { before = root.dataset.theme; root.dataset.theme = 'light'; restyle() })
  addEventListener('afterprint', () => { if (before) root.dataset.theme = before; else delete root.dataset.theme; restyle() })
}
`
