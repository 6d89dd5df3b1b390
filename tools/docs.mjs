// Writes the tables of inputs and outputs in README.md from action.yml, between the markers <!-- inputs --> … <!-- /inputs --> and
// <!-- outputs --> … <!-- /outputs -->. With --check it changes nothing and fails where a table is not up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// The YAML reader of the package with which workflows are validated.
const yaml = createRequire(import.meta.resolve('@actions/workflow-parser'))('yaml')

const check = process.argv.slice(2).includes('--check')
const action = yaml.parse(readFileSync('action.yml', 'utf8'))
const before = readFileSync('README.md', 'utf8').replaceAll('\r\n', '\n')
const problems = []

const cell = text => String(text).trim().replaceAll('|', '\\|').replace(/\s+/g, ' ')
const table = (heads, rows) => [heads, heads.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')

function describe(kind, entries) {
  return Object.entries(entries ?? {}).map(([name, entry]) => {
    const text = cell(entry?.description ?? '')
    if (text === '') problems.push(`action.yml: the ${kind} "${name}" has no description`)
    return { name: `\`${name}\``, text, entry: entry ?? {} }
  })
}

function defaultOf(entry) {
  if (entry.required === true) return 'required'
  const value = cell(entry.default ?? '')
  return value === '' ? '' : `\`${value}\``
}

function replace(text, marker, content) {
  const [open, close] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`]
  const [start, end] = [text.indexOf(open), text.indexOf(close)]
  if (start === -1 || end < start) {
    problems.push(`README.md: the marker "${start === -1 ? open : close}" is missing or out of order`)
    return text
  }
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`
}

const inputs = describe('input', action.inputs).map(({ name, text, entry }) => [name, text, defaultOf(entry)])
const outputs = describe('output', action.outputs).map(({ name, text }) => [name, text])
const withInputs = replace(before, 'inputs', table(['input', 'meaning', 'default'], inputs))
const after = replace(withInputs, 'outputs', table(['output', 'meaning'], outputs))

if (problems.length === 0 && check && after !== before) {
  const [old, now] = [before, after].map(text => text.split('\n'))
  const line = now.findIndex((text, i) => text !== old[i])
  problems.push(`README.md is not up to date with action.yml: run \`npm run docs\`\nline ${line + 1}\n- ${old[line]}\n+ ${now[line]}`)
}
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else if (!check && after !== before) writeFileSync('README.md', after)
