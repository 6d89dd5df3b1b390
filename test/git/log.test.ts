import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from '@jest/globals'
import { commit, createBare, installHook } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let here: string
let there: string
beforeEach(async () => {
  here = await createBare()
  there = await createBare()
  await commit(here, 'main')
})

test('debug logging tells what git was asked, how it ended, and what it said', async () => {
  installHook(there, 'update', 'echo "these are my words" >&2')
  const lines: string[] = []
  const report = await runMirror(
    { 'repository-url': here, 'remote-url': there, transfer: 'git' },
    { onDebug: line => void lines.push(line) },
  )
  expect(report).toMatchObject({ status: 'updated', inSync: true })
  for (const [side, words] of [
    ['here', 'ls-remote'],
    ['there', 'ls-remote'],
    ['here', 'fetch'],
    ['there', 'push'],
  ])
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${side}: git ${words} .* ended with 0 after \\d+ ms`)))
  expect(lines.find(line => line.startsWith('there: git push'))).toContain('these are my words')
  // A log that nobody asked to be long is short.
  expect(report.log).toEqual(['fetching 1 tip from the source', 'pushing 1 ref'])
})

test('a push of git that takes long shows that it does', async () => {
  const gate = join(temporaryDirectory(), 'gate')
  execFileSync('mkfifo', [gate])
  installHook(there, 'pre-receive', `read line < '${gate}'`)
  const shown: string[] = []
  const onProgress = (line: string) => {
    // The push goes on once it was shown.
    if (line.startsWith('git push') && !shown.some(earlier => earlier.startsWith('git push'))) writeFileSync(gate, 'go\n')
    shown.push(line)
  }
  await runMirror({ 'repository-url': here, 'remote-url': there, transfer: 'git' }, { onProgress })
  expect(shown).toContainEqual(expect.stringMatching(/^git push has taken \d+ ms so far$/))
  expect(await differences(here, there)).toEqual([])
})
