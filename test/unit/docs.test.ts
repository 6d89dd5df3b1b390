import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
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

async function docs({ action = ACTION, readme = README, args = [] as string[] } = {}) {
  const cwd = temporaryDirectory()
  writeFileSync(join(cwd, 'action.yml'), action)
  writeFileSync(join(cwd, 'README.md'), readme)
  const { code, stderr } = await run(process.execPath, [TOOL, ...args], { cwd, env: gitEnvironment() })
  return { code, stderr, readme: readFileSync(join(cwd, 'README.md'), 'utf8') }
}

describe('the tables of README.md', () => {
  test('are written from action.yml', async () => {
    expect(await docs()).toEqual({ code: 0, stderr: '', readme: WRITTEN })
  })

  test('stay as they are when they are up to date', async () => {
    expect(await docs({ readme: WRITTEN })).toEqual({ code: 0, stderr: '', readme: WRITTEN })
    expect(await docs({ readme: WRITTEN, args: ['--check'] })).toEqual({ code: 0, stderr: '', readme: WRITTEN })
  })

  test('are only compared with --check', async () => {
    const readme = WRITTEN.replace('merged', 'none')
    const { code, stderr, readme: after } = await docs({ readme, args: ['--check'] })
    expect({ code, after }).toEqual({ code: 1, after: readme })
    expect(stderr).toBe(
      'README.md is not up to date with action.yml: run `npm run docs`\nline 7\n- | `prune` | What to delete | `none` |\n+ | `prune` | What to delete | `merged` |\n',
    )
  })
})

describe('nothing is written', () => {
  test.each([
    ['without the first marker', { readme: README.replace('<!-- inputs -->', '') }, '"<!-- inputs -->" is missing'],
    ['without the last marker', { readme: README.replace('<!-- /outputs -->', '') }, '"<!-- /outputs -->" is missing'],
    ['without a description of an input', { action: ACTION.replace('description: Tags', '') }, 'the input "tags" has no description'],
    ['without a description of an output', { action: ACTION.replace('How it ended', '""') }, 'the output "status" has no description'],
  ])('%s', async (_, files, words) => {
    const { code, stderr, readme } = await docs(files)
    expect({ code, readme }).toEqual({ code: 1, readme: 'readme' in files ? files.readme : README })
    expect(stderr).toContain(words)
  })
})
