// Makes docs/summary.png, a picture of two job summaries, from the summaries in docs/troubleshooting.md (which tests compare with real runs).
// Needs Chromium: CHROMIUM names it, else the one on the PATH.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

const SHOWN = ['Refs that the server refuses', 'Commits that somebody pushed to the mirror']
const [WIDTH, HEIGHT] = [1000, 1110]

const page = readFileSync('docs/troubleshooting.md', 'utf8')
function summaryOf(title) {
  const [, quoted] = new RegExp(`<!-- failure: ${title} -->\\n\\n([\\s\\S]*?)\\n\\n<!-- /failure -->`).exec(page) ?? []
  if (quoted === undefined) throw new Error(`docs/troubleshooting.md has no summary "${title}"`)
  const markdown = quoted.replace(/^> ?/gm, '').replace('<details>', '<details open>')
  return micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] })
}

// Like the page of a run, as far as it matters for reading.
const STYLE = `
  body { margin: 16px; font: 14px/1.5 "DejaVu Sans", sans-serif; color: #1f2328; background: #fff }
  section { border: 1px solid #d1d9e0; border-radius: 6px; padding: 4px 20px; margin-bottom: 16px }
  h3 { font-size: 17px } a { color: #0969da; text-decoration: none } ul { padding-left: 24px } li { margin: 4px 0 }
  code { font: 85% "DejaVu Sans Mono", monospace; background: #eff1f3; border-radius: 4px; padding: 2px 4px }
  pre { background: #f6f8fa; border-radius: 6px; padding: 12px; overflow: hidden } pre code { background: none; padding: 0 }
  table { border-collapse: collapse } th, td { border: 1px solid #d1d9e0; padding: 5px 10px; text-align: left; font-size: 13px }
  td { overflow-wrap: anywhere } tr:nth-child(even) td { background: #f6f8fa }`
const html = `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${SHOWN.map(title => `<section>${summaryOf(title)}</section>`).join('')}`

const directory = mkdtempSync(join(tmpdir(), 'mirroring-picture-'))
try {
  const file = join(directory, 'summary.html')
  writeFileSync(file, html)
  const look = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${directory}`]
  const picture = ['--screenshot=docs/summary.png', `--window-size=${WIDTH},${HEIGHT}`]
  execFileSync(process.env.CHROMIUM ?? 'chromium', [...look, ...picture, `file://${file}`], { stdio: 'inherit' })
} finally {
  rmSync(directory, { recursive: true, force: true })
}
