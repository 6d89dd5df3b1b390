// Writes what follows from the table of inputs (src/settings/inputs.ts) and from the outputs in action.yml: the inputs in action.yml, the tables of
// README.md, the schema of configuration files, and the parts of the reusable workflow. The last two stand between markers (<!-- inputs --> … <!-- /inputs -->,
// in YAML # <inputs> … # </inputs>). With --check it changes nothing and fails if a file is not up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { INPUTS } from '../src/settings/inputs.ts'
import { configSchema } from './config-schema.mjs'
import { limitRows } from './limits.mjs'
import { workflowParts } from './workflow-parts.mjs'

// The YAML reader of the package with which workflows are validated.
const yaml = createRequire(import.meta.resolve('@actions/workflow-parser'))('yaml')

const check = process.argv.slice(2).includes('--check')
const action = yaml.parse(readFileSync('action.yml', 'utf8'))
const problems = []

const cell = text => String(text).trim().replaceAll('|', '\\|').replace(/\s+/g, ' ')
const table = (heads, rows) => [heads, heads.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')

/** The rows of the table of outputs. */
const outputs = Object.entries(action.outputs ?? {}).map(([name, entry]) => {
  const text = cell(entry?.description ?? '')
  if (text === '') problems.push(`action.yml: the output "${name}" has no description`)
  return [`\`${name}\``, text]
})

/** The rows of the table of inputs. */
const inputs = INPUTS.map(({ name, description, default: value }) => [`\`${name}\``, cell(description), value ? `\`${value}\`` : ''])

function replace(file, text, [open, close], content) {
  const [start, end] = [text.indexOf(open), text.indexOf(close)]
  if (start === -1 || end < start) {
    problems.push(`${file}: the marker "${start === -1 ? open : close}" is missing or out of order`)
    return text
  }
  return `${text.slice(0, start + open.length)}${content}${text.slice(end)}`
}

function readme(text) {
  const tables = { inputs: table(['input', 'meaning', 'default'], inputs), outputs: table(['output', 'meaning'], outputs) }
  const marked = (text, [name, content]) => replace('README.md', text, [`<!-- ${name} -->`, `<!-- /${name} -->`], `\n\n${content}\n\n`)
  return Object.entries(tables).reduce(marked, text)
}

const security = text =>
  replace(
    'docs/security.md',
    text,
    ['<!-- limits -->', '<!-- /limits -->'],
    `\n\n${table(
      ['limit', 'of what, and why'],
      limitRows().map(row => row.map(cell)),
    )}\n\n`,
  )

/** The inputs stand between the keys `inputs` and `outputs`. */
function actionFile(text) {
  const lines = INPUTS.flatMap(({ name, description, default: value }) => [
    `  ${name}:`,
    `    description: ${JSON.stringify(description)}`,
    '    required: false',
    ...(value ? [`    default: ${JSON.stringify(value)}`] : []),
  ])
  return replace('action.yml', text, ['inputs:\n', 'outputs:\n'], `${lines.join('\n')}\n`)
}

/** Each part keeps the indentation of its markers. */
function workflow(text) {
  return Object.entries(workflowParts(action)).reduce((text, [name, lines]) => {
    const indent = new RegExp(`^( *)# <${name}>$`, 'm').exec(text)?.[1] ?? ''
    const content = lines.map(line => (line === '' ? '' : `${indent}${line}`)).join('\n')
    return replace(WORKFLOW, text, [`# <${name}>`, `# </${name}>`], `\n${content}\n${indent}`)
  }, text)
}

const WORKFLOW = '.github/workflows/mirror.yml'
const files = {
  'action.yml': actionFile,
  'README.md': readme,
  'docs/security.md': security,
  [WORKFLOW]: workflow,
  'docs/config.schema.json': () => `${JSON.stringify(configSchema(), null, 2)}\n`,
}
const changes = []
for (const [file, write] of Object.entries(files)) {
  // A file that is generated as a whole need not exist before.
  const before = existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : ''
  const after = write(before)
  if (after === before) continue
  changes.push([file, after])
  if (!check || problems.length > 0) continue
  const [old, now] = [before, after].map(text => text.split('\n'))
  const line = now.findIndex((text, i) => text !== old[i])
  problems.push(`${file} is not up to date with the inputs: run \`npm run docs\`\nline ${line + 1}\n- ${old[line]}\n+ ${now[line]}`)
}
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else if (!check) for (const [file, text] of changes) writeFileSync(file, text)
