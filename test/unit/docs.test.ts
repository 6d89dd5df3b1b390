import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import * as limits from '../../src/limits/limits.ts'
import type { InputDescription } from '../../src/settings/input-traits.ts'
import { INPUTS } from '../../src/settings/inputs.ts'
import { run } from '../support/child-process.ts'
import { gitEnvironment } from '../support/git-repository.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const TOOL = join(process.cwd(), 'tools/docs.mjs')
const ACTION = `
inputs:
  old: { description: An input that no longer exists }
outputs:
  status: { description: "How | it\\n  ended" }
runs: {}
`
const README = 'a\n<!-- inputs -->\nold\n<!-- /inputs -->\nb\n<!-- outputs -->\n<!-- /outputs -->\nc\n'
const row = ({ name, description, default: value }: InputDescription): string =>
  `| \`${name}\` | ${description.replaceAll('|', '\\|')} | ${value ? `\`${value}\`` : ''} |\n`
const WRITTEN = `a
<!-- inputs -->

| input | meaning | default |
| --- | --- | --- |
${INPUTS.map(row).join('')}
<!-- /inputs -->
b
<!-- outputs -->

| output | meaning |
| --- | --- |
| \`status\` | How \\| it ended |

<!-- /outputs -->
c
`

const WORKFLOW = '.github/workflows/mirror.yml'
const SCHEMA = 'docs/config.schema.json'
const SECURITY = 'docs/security.md'
const PARTS = ['inputs', 'secrets', 'outputs', 'job-outputs', 'summary-outputs', 'with', 'list-with', 'matrix-with']
const STUB = `on:\n${PARTS.map(name => `  ${name}:\n    # <${name}>\n    # </${name}>\n`).join('')}`
/** What follows from the inputs that the code knows, as it is when it is up to date. */
let others: Readonly<Record<string, string>> = { [WORKFLOW]: STUB, [SCHEMA]: '', [SECURITY]: '<!-- limits -->\n<!-- /limits -->\n' }

async function docs({
  action = others['action.yml'] ?? ACTION,
  readme = README,
  args = [] as string[],
  given = {} as Readonly<Record<string, string>>,
} = {}) {
  const cwd = temporaryDirectory()
  const before = { ...others, 'action.yml': action, 'README.md': readme, ...given }
  for (const [name, text] of Object.entries(before)) {
    mkdirSync(join(cwd, dirname(name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  const { code, stderr } = await run(process.execPath, [TOOL, ...args], { cwd, env: gitEnvironment() })
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8')
  return {
    code,
    stderr,
    readme: read('README.md'),
    others: Object.fromEntries(['action.yml', WORKFLOW, SCHEMA, SECURITY].map(name => [name, read(name)])),
  }
}

beforeAll(async () => {
  others = (await docs()).others
})

describe('the tables of README.md', () => {
  test('are written from the inputs and from action.yml', async () => {
    expect(await docs()).toEqual({ code: 0, stderr: '', readme: WRITTEN, others })
  })

  test('stay as they are when they are up to date', async () => {
    expect(await docs({ readme: WRITTEN })).toEqual({ code: 0, stderr: '', readme: WRITTEN, others })
    expect(await docs({ readme: WRITTEN, args: ['--check'] })).toEqual({ code: 0, stderr: '', readme: WRITTEN, others })
  })

  test('are only compared with --check', async () => {
    const readme = WRITTEN.replace('| input |', '| Input |')
    const { code, stderr, readme: after } = await docs({ readme, args: ['--check'] })
    expect({ code, after }).toEqual({ code: 1, after: readme })
    expect(stderr).toBe(
      'README.md is not up to date with the inputs: run `npm run docs`\nline 4\n- | Input | meaning | default |\n+ | input | meaning | default |\n',
    )
  })
})

describe('what follows from the inputs', () => {
  test('is written between the markers of the workflow, each part as far in as they are', () => {
    const text = others[WORKFLOW] ?? ''
    expect(text).toContain('    # <inputs>\n    remote-url:\n      description: "URL of')
    expect(text).toContain('    # <secrets>\n    auth-secret:\n')
    expect(text).toMatch(/^ {4}# <job-outputs>\n {4}status: \$\{\{ steps\.mirror\.outputs\.status }}\n {4}# <\/job-outputs>$/m)
    expect(text).toMatch(/^ {4}repository: \$\{\{ inputs\.repository \|\| github\.repository }}$/m)
    expect(text).not.toMatch(/>\n *# <\//)
  })

  test('is the list of inputs in action.yml', () => {
    const text = others['action.yml'] ?? ''
    expect(text).toMatch(/^\ninputs:\n {2}remote-url:\n {4}description: "URL of .*"\n {4}required: false\n {2}direction:\n/)
    expect(text).toMatch(/^ {4}default: "\$\{\{ github\.repository }}"$/m)
    expect(text).toMatch(/\noutputs:\n {2}status: .*\nruns: \{\}\n$/)
    expect(text).not.toContain('no longer exists')
  })

  test('is the schema of configuration files', () => {
    expect(JSON.parse(others[SCHEMA] ?? '')).toMatchObject({ required: ['mirrors'], properties: { defaults: { type: 'object' } } })
  })

  test.each([
    ['action.yml', { 'action.yml': ACTION }],
    [WORKFLOW, { [WORKFLOW]: STUB }],
    [SCHEMA, { [SCHEMA]: '{}\n' }],
  ])('is only compared with --check: %s', async (name, given) => {
    const { code, stderr, others: after } = await docs({ readme: WRITTEN, args: ['--check'], given })
    expect({ code, after }).toEqual({ code: 1, after: { ...others, ...given } })
    expect(stderr).toContain(`${name} is not up to date with the inputs: run \`npm run docs\``)
  })
})

test('if markers or the description of an output are missing, nothing is written and all of them are reported', async () => {
  const readme = README.replace('<!-- inputs -->', '').replace('<!-- /outputs -->', '')
  const given = { [WORKFLOW]: STUB.replace('# </with>', '') }
  const written = await docs({ readme, given, action: ACTION.replace(/"How.*"/, '""') })
  const { stderr, ...others } = written
  expect(others).toMatchObject({ code: 1, readme, others: given })
  for (const words of [
    'README.md: the marker "<!-- inputs -->" is missing',
    'README.md: the marker "<!-- /outputs -->" is missing',
    'mirror.yml: the marker "# </with>" is missing',
    'the output "status" has no description',
  ])
    expect(stderr).toContain(words)
})

test('the limits are written from the comments in the source, each with its value', () => {
  const table = others[SECURITY] ?? ''
  const names = Object.entries(limits).flatMap(([name, value]) => (typeof value === 'object' ? Object.keys(value) : [name]))
  expect(table).toContain('| 30 seconds | To connect and log in')
  expect(table).toContain('| 256 MiB | Bytes of an advertisement')
  expect(table.match(/^\| .* \| [A-Z].* \|$/gm)).toHaveLength(names.length)
})
