import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { run } from '../support/child-process.ts'
import { gitEnvironment } from '../support/git-repository.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const TOOL = join(process.cwd(), 'tools/docs.mjs')
const ACTION = `
inputs:
  remote-url: { description: 'Where | to', required: true }
  prune: { description: "What to\\n  delete", default: merged }
  token: { description: Token, default: '\${{ github.token }}' }
  tags: { description: Tags }
outputs:
  status: { description: How it ended }
`
const README = 'a\n<!-- inputs -->\nold\n<!-- /inputs -->\nb\n<!-- outputs -->\n<!-- /outputs -->\nc\n'
const WRITTEN = `a
<!-- inputs -->

| input | meaning | default |
| --- | --- | --- |
| \`remote-url\` | Where \\| to | required |
| \`prune\` | What to delete | \`merged\` |
| \`token\` | Token | \`\${{ github.token }}\` |
| \`tags\` | Tags |  |

<!-- /inputs -->
b
<!-- outputs -->

| output | meaning |
| --- | --- |
| \`status\` | How it ended |

<!-- /outputs -->
c
`

const WORKFLOW = '.github/workflows/mirror.yml'
const SCHEMA = 'docs/config.schema.json'
const PARTS = ['inputs', 'secrets', 'outputs', 'job-outputs', 'summary-outputs', 'with', 'list-with', 'matrix-with']
const STUB = `on:\n${PARTS.map(name => `  ${name}:\n    # <${name}>\n    # </${name}>\n`).join('')}`
/** What follows from the inputs that the code knows, as it is when it is up to date. */
let others: Readonly<Record<string, string>> = { [WORKFLOW]: STUB, [SCHEMA]: '' }

async function docs({ action = ACTION, readme = README, args = [] as string[], given = {} as Readonly<Record<string, string>> } = {}) {
  const cwd = temporaryDirectory()
  const before = { 'action.yml': action, 'README.md': readme, ...others, ...given }
  for (const [name, text] of Object.entries(before)) {
    mkdirSync(join(cwd, dirname(name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  const { code, stderr } = await run(process.execPath, [TOOL, ...args], { cwd, env: gitEnvironment() })
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8')
  return { code, stderr, readme: read('README.md'), others: { [WORKFLOW]: read(WORKFLOW), [SCHEMA]: read(SCHEMA) } }
}

beforeAll(async () => {
  others = (await docs()).others
})

describe('the tables of README.md', () => {
  test('are written from action.yml', async () => {
    expect(await docs()).toEqual({ code: 0, stderr: '', readme: WRITTEN, others })
  })

  test('stay as they are when they are up to date', async () => {
    expect(await docs({ readme: WRITTEN })).toEqual({ code: 0, stderr: '', readme: WRITTEN, others })
    expect(await docs({ readme: WRITTEN, args: ['--check'] })).toEqual({ code: 0, stderr: '', readme: WRITTEN, others })
  })

  test('are only compared with --check', async () => {
    const readme = WRITTEN.replace('merged', 'none')
    const { code, stderr, readme: after } = await docs({ readme, args: ['--check'] })
    expect({ code, after }).toEqual({ code: 1, after: readme })
    expect(stderr).toBe(
      'README.md is not up to date with the inputs: run `npm run docs`\nline 7\n- | `prune` | What to delete | `none` |\n+ | `prune` | What to delete | `merged` |\n',
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

  test('is the schema of configuration files', () => {
    expect(JSON.parse(others[SCHEMA] ?? '')).toMatchObject({ required: ['mirrors'], properties: { defaults: { type: 'object' } } })
  })

  test.each([
    [WORKFLOW, { [WORKFLOW]: STUB }],
    [SCHEMA, { [SCHEMA]: '{}\n' }],
  ])('is only compared with --check: %s', async (name, given) => {
    const { code, stderr, others: after } = await docs({ readme: WRITTEN, args: ['--check'], given })
    expect({ code, after }).toEqual({ code: 1, after: { ...others, ...given } })
    expect(stderr).toContain(`${name} is not up to date with the inputs: run \`npm run docs\``)
  })
})

describe('nothing is written', () => {
  test.each([
    ['without the first marker', { readme: README.replace('<!-- inputs -->', '') }, '"<!-- inputs -->" is missing'],
    ['without the last marker', { readme: README.replace('<!-- /outputs -->', '') }, '"<!-- /outputs -->" is missing'],
    [
      'without a marker of the workflow',
      { given: { [WORKFLOW]: STUB.replace('# </with>', '') } },
      'mirror.yml: the marker "# </with>" is missing',
    ],
    ['without a description of an input', { action: ACTION.replace('description: Tags', '') }, 'the input "tags" has no description'],
    ['without a description of an output', { action: ACTION.replace('How it ended', '""') }, 'the output "status" has no description'],
  ])('%s', async (_, files, words) => {
    const { code, stderr, readme } = await docs(files)
    expect({ code, readme }).toEqual({ code: 1, readme: 'readme' in files ? files.readme : README })
    expect(stderr).toContain(words)
  })
})
