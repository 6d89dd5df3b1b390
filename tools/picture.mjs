// Makes docs/summary.png, a picture of two job summaries, from the summaries in docs/troubleshooting.md (which tests compare with real runs).
// Needs Chromium: the one that CHROMIUM names, otherwise the one on the PATH. The picture contains the hash of the page that it shows. --check needs no
// browser, changes nothing, and fails if the picture shows another page.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

const PICTURE = 'docs/summary.png'
const SHOWN = ['Refs that the server refuses', 'Commits that were pushed to the mirror']
const WIDTH = 1000

const page = readFileSync('docs/troubleshooting.md', 'utf8').replaceAll('\r\n', '\n')
function summaryOf(title) {
  const [, quoted] = new RegExp(`<!-- failure: ${title} -->\\n\\n([\\s\\S]*?)\\n\\n<!-- /failure -->`).exec(page) ?? []
  if (quoted === undefined) throw new Error(`docs/troubleshooting.md has no summary "${title}"`)
  const markdown = quoted.replace(/^> ?/gm, '').replace('<details>', '<details open>')
  return micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] })
}

// Similar to the page of a run, as far as reading is concerned.
const STYLE = `
  body { margin: 16px; font: 14px/1.5 "DejaVu Sans", sans-serif; color: #1f2328; background: #fff }
  section { border: 1px solid #d1d9e0; border-radius: 6px; padding: 4px 20px; margin-bottom: 16px }
  h3 { font-size: 17px } a { color: #0969da; text-decoration: none } ul { padding-left: 24px } li { margin: 4px 0 }
  code { font: 85% "DejaVu Sans Mono", monospace; background: #eff1f3; border-radius: 4px; padding: 2px 4px }
  pre { background: #f6f8fa; border-radius: 6px; padding: 12px; white-space: pre-wrap; overflow-wrap: anywhere } pre code { background: none; padding: 0 }
  table { border-collapse: collapse } th, td { border: 1px solid #d1d9e0; padding: 5px 10px; text-align: left; font-size: 13px }
  td { overflow-wrap: anywhere } tr:nth-child(even) td { background: #f6f8fa }`
// The browser reports the height of the page.
const MEASURE = 'document.documentElement.dataset.height = document.documentElement.scrollHeight'
const sections = SHOWN.map(title => `<section>${summaryOf(title)}</section>`).join('')
const html = `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${sections}<script>${MEASURE}</script>`
const hash = createHash('sha256').update(`${WIDTH}\n${html}`).digest('hex')

/** `Source` is a keyword of the PNG specification (§11.3.3.2): where the picture comes from. */
const KEYWORD = 'Source\0'
const SIGNATURE_AND_HEADER = 8 + 25

/** A textual chunk (PNG specification, §5.3, §11.3.3.3), behind the header. */
function withSource(png) {
  const data = Buffer.from(`tEXt${KEYWORD}${hash}`, 'latin1')
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length - 4)
  check.writeUInt32BE(crc32(data))
  return Buffer.concat([png.subarray(0, SIGNATURE_AND_HEADER), length, data, check, png.subarray(SIGNATURE_AND_HEADER)])
}

function take() {
  const directory = mkdtempSync(join(tmpdir(), 'mirroring-picture-'))
  try {
    const [file, shot] = ['page.html', 'shot.png'].map(name => join(directory, name))
    writeFileSync(file, html)
    const browse = (...flags) => {
      const common = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${directory}`]
      return execFileSync(process.env.CHROMIUM ?? 'chromium', [...common, ...flags, `file://${file}`], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    }
    const [, height] = /data-height="(\d+)"/.exec(browse('--dump-dom', `--window-size=${WIDTH},100`)) ?? []
    if (height === undefined) throw new Error('the browser does not tell how high the page is')
    browse(`--screenshot=${shot}`, `--window-size=${WIDTH},${height}`)
    writeFileSync(PICTURE, withSource(readFileSync(shot)))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

if (!process.argv.includes('--check')) take()
else if (!readFileSync(PICTURE).includes(`tEXt${KEYWORD}${hash}`, 0, 'latin1')) {
  console.error(`${PICTURE} does not show what docs/troubleshooting.md has: run \`npm run picture\``)
  process.exitCode = 1
}
