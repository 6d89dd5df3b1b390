import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { run } from '../support/child-process.ts'
import { gitEnvironment } from '../support/git-repository.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const PAGE = readFileSync('docs/troubleshooting.md', 'utf8')
const PICTURE = readFileSync('docs/summary.png')

/** Looks whether a picture shows the summaries of a page. */
async function check({ page = PAGE, picture = PICTURE } = {}) {
  const cwd = temporaryDirectory()
  mkdirSync(join(cwd, 'docs'))
  writeFileSync(join(cwd, 'docs/troubleshooting.md'), page)
  writeFileSync(join(cwd, 'docs/summary.png'), picture)
  const tool = join(process.cwd(), 'tools/picture.mjs')
  const { code, stderr } = await run(process.execPath, [tool, '--check'], { cwd, env: gitEnvironment() })
  return { code, stderr }
}

const STALE = { code: 1, stderr: 'docs/summary.png does not show what docs/troubleshooting.md has: run `npm run picture`\n' }

test('the picture of the summaries shows what the page has today', async () => expect(await check()).toEqual({ code: 0, stderr: '' }))

test('a picture of other words is found without a browser', async () => {
  expect(await check({ page: PAGE.replace('> ### ⚠️ Partial: 1 updated, 2 rejected', '> ### ⚠️ Partial: 2 rejected') })).toEqual(STALE)
  expect(await check({ picture: Buffer.from(PICTURE.toString('latin1').replace('Source\0', 'Origin\0'), 'latin1') })).toEqual(STALE)
})

test('what the picture does not show changes nothing', async () => {
  expect(await check({ page: PAGE.replace('# Troubleshooting', '# Trouble') })).toEqual({ code: 0, stderr: '' })
  expect(await check({ page: PAGE.replaceAll('\n', '\r\n') })).toEqual({ code: 0, stderr: '' })
})
