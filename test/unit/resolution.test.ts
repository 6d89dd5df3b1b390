import { describe, expect, test } from '@jest/globals'
import { KINDS, type Kind } from '../../src/errors/kinds.ts'
import { hintOn } from '../../src/report/advice.ts'
import { annotationsOf } from '../../src/report/annotations.ts'
import type { RefReport } from '../../src/report/report.ts'
import { resolutionsOf } from '../../src/report/resolution.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { renderText } from '../../src/report/text.ts'
import type { Direction } from '../../src/settings/direction.ts'
import { divergentRef, makeReport, oid, refReport } from '../support/reports.ts'

type Route = Parameters<typeof resolutionsOf>[1]
const side = (url: string) => ({ url, commits: null })
const ROUTE: Route = { direction: 'push', source: side('https://a.example/s.git'), destination: side('ssh://git@b.example/d.git') }
const commandOf = (ref: RefReport, route = ROUTE) => resolutionsOf(ref, route)[0]?.command

describe('which refs are settled by whom', () => {
  test.each<[string, RefReport, number]>([
    ['a branch that diverged', divergentRef(), 1],
    ['a tag that differs', divergentRef({ ref: 'refs/tags/v1' }), 2],
    ['a branch of which nobody knows', divergentRef({ code: 'relation-unknown' }), 1],
    ['a branch that could not be backed up', divergentRef({ code: 'backup-refused' }), 1],
    ['a branch that is only at the destination', divergentRef({ code: 'not-merged', after: null }), 0],
    ['a deletion that could not be backed up', divergentRef({ code: 'backup-refused', after: null }), 0],
    ['the branch of the workflow, which its hint settles', divergentRef({ code: 'reserved-branch' }), 0],
    ['what was overwritten', refReport('forced'), 0],
    ['what was refused', refReport('rejected', { code: 'protected-branch' }), 0],
  ])('%s', (_, ref, ways) => expect(resolutionsOf(ref, ROUTE)).toHaveLength(ways))
})

test('a branch: both histories are brought together at the source', () => {
  expect(resolutionsOf(divergentRef({ ref: 'refs/heads/x' }), ROUTE)).toEqual([
    {
      what: "merge the destination's commits into the source",
      command:
        'git fetch --no-tags https://a.example/s.git refs/heads/x && git checkout --detach FETCH_HEAD && ' +
        'git fetch --no-tags ssh://git@b.example/d.git refs/heads/x && git merge --no-edit FETCH_HEAD && ' +
        'git push https://a.example/s.git HEAD:refs/heads/x',
    },
  ])
})

test('a tag: one of the two is chosen, and the other overwritten only as it was seen', () => {
  const [before, after] = [oid('a'), oid('b')]
  expect(resolutionsOf(divergentRef({ ref: 'refs/tags/v1' }), ROUTE)).toEqual([
    {
      what: "take the source's tag",
      command: `git fetch --no-tags https://a.example/s.git refs/tags/v1 && git push --force-with-lease=refs/tags/v1:${before} ssh://git@b.example/d.git ${after}:refs/tags/v1`,
    },
    {
      what: "take the destination's tag",
      command: `git fetch --no-tags ssh://git@b.example/d.git refs/tags/v1 && git push --force-with-lease=refs/tags/v1:${after} https://a.example/s.git ${before}:refs/tags/v1`,
    },
  ])
})

const DIRECTIONS = ['push', 'pull', 'bidirectional'] as const
/** Kinds of refs that both sides do not have alike. */
const UNLIKE = ['diverged', 'relation-unknown', 'behind', 'extra', 'not-merged', 'not-pruned', 'backup-refused'] as const
const RULES = DIRECTIONS.flatMap(direction => UNLIKE.map(code => [code, direction] as const))

describe('advice fits the ref and the direction', () => {
  const given = (code: Kind, ref: string, direction: Direction) => {
    const ways = resolutionsOf(divergentRef({ ref, code }), { ...ROUTE, direction })
    return [hintOn(code, ref, direction), ...ways.map(({ what }) => what), ...ways.map(({ command }) => command)].join('\n')
  }
  test.each(RULES)('no tag is to be merged: %s, %s', (code, direction) => {
    expect(given(code, 'refs/tags/v1', direction)).not.toMatch(/\bmerge\b|rebase|bring both together/)
  })
  test.each(['diverged', 'extra', 'not-merged', 'not-pruned'] as const)('of both directions neither side is the destination: %s', code => {
    for (const ref of ['refs/heads/x', 'refs/tags/v1']) expect(hintOn(code, ref, 'bidirectional')).not.toMatch(/\b(?:destination|source)\b/)
  })
  test.each(['push', 'pull'] as const)('what diverged is merged into the source, or overwritten at the destination: %s', direction => {
    expect(hintOn('diverged', 'refs/heads/x', direction)).toMatch(
      /^merge the destination's commits into the source, .* overwrites the destination$/,
    )
    expect(hintOn('diverged', 'refs/tags/v1', direction)).toMatch(/^decide which of the two tags is right, .* overwrites the destination$/)
  })
  test('both directions: here overwrites there', () => {
    for (const ref of ['refs/heads/x', 'refs/tags/v1'])
      expect(hintOn('diverged', ref, 'bidirectional')).toMatch(/so that here overwrites there$/)
  })
  test('what is the same for all comes from the kind', () => {
    expect(hintOn('protected-branch', 'refs/heads/x', 'push')).toBe(KINDS['protected-branch'].hint)
    expect(hintOn(null, 'refs/heads/x', 'push')).toBeNull()
  })
})

test.each([
  ['https://***@h.example/x.git', 'https://h.example/x.git'],
  ['ssh://git:***@h.example/x.git', 'ssh://git@h.example/x.git'],
  ['git@h.example:x/y.git', 'git@h.example:x/y.git'],
  ['git@h.example:~x/y.git', "'git@h.example:~x/y.git'"],
  ["/srv/it's here", "'/srv/it'\\''s here'"],
])('a URL as it can be used: %s', (source, word) => {
  expect(commandOf(divergentRef(), { ...ROUTE, source: side(source) })).toMatch(/^git fetch --no-tags /)
  expect(commandOf(divergentRef(), { ...ROUTE, source: side(source) })).toContain(`git fetch --no-tags ${word} refs/heads/diverged &&`)
})

test.each([
  ['refs/heads/a;b', "'refs/heads/a;b' &&", "'HEAD:refs/heads/a;b'"],
  ['refs/heads/$(id)', "'refs/heads/$(id)' &&", "'HEAD:refs/heads/$(id)'"],
  ["refs/heads/it's", "'refs/heads/it'\\''s' &&", "'HEAD:refs/heads/it'\\''s'"],
  ['refs/heads/ü', "'refs/heads/ü' &&", "'HEAD:refs/heads/ü'"],
])('a name that means something to a shell: %s', (ref, first, last) => {
  expect(commandOf(divergentRef({ ref }))).toContain(first)
  expect(commandOf(divergentRef({ ref }))?.endsWith(last)).toBe(true)
})

test('both ways, the sides are called here and there', () => {
  const route: Route = { ...ROUTE, direction: 'bidirectional' }
  const words = (ref: RefReport) => resolutionsOf(ref, route).map(({ what }) => what)
  expect(words(divergentRef())).toEqual(['bring both together', 'take what is here', 'take what is there'])
  expect(words(divergentRef({ ref: 'refs/tags/v1' }))).toEqual(['take the tag that is here', 'take the tag that is there'])
  const report = makeReport({ direction: 'bidirectional', refs: [{ ...divergentRef(), resolve: resolutionsOf(divergentRef(), route) }] })
  expect(renderText(report, { colour: false })).toContain('(there aaaaaaaaaa, here bbbbbbbbbb):')
  expect(renderText(report, { colour: false })).toContain('bidirectional: https://github.com/o/here.git ↔ ssh://')
  expect(annotationsOf(report)[0]?.message).toContain(`there: ${oid('a')}, here: ${oid('b')}`)
})

describe('where it is told', () => {
  const ref = divergentRef({ ref: 'refs/heads/`<b>|' })
  const resolve = resolutionsOf(ref, ROUTE)
  const command = resolve[0]?.command ?? ''
  const report = makeReport({ refs: [{ ...ref, resolve }] })

  test('terminal: both tips, and the command on a line of its own', () => {
    expect(renderText(report, { colour: false })).toContain(
      `To settle refs/heads/\`<b>| (destination aaaaaaaaaa, source bbbbbbbbbb):\n  to merge the destination's commits into the source:\n    ${command}\n`,
    )
  })

  test('summary: folded, in a block that nothing in it can end', () => {
    const summary = renderSummary(report)
    expect(summary).toContain('<details><summary>How to settle 1 ref that was kept</summary>\n\n<code>refs/heads/')
    expect(summary).toContain(`\n\n\`\`\`text\n${command}\n\`\`\`\n\n</details>\n`)
  })

  test('annotation: both tips in full, and the command', () => {
    expect(annotationsOf(report)[0]?.message).toContain(`\ndestination: ${oid('a')}, source: ${oid('b')}\nWhat to do: `)
    expect(annotationsOf(report)[0]?.message).toContain(`\nTo merge the destination's commits into the source: ${command}\n`)
  })

  test('of many, the first ones are shown and the rest is counted', () => {
    const refs = Array.from({ length: 30 }, (_, index) => ({ ...ref, ref: `refs/heads/${index}`, resolve }))
    expect(renderText(makeReport({ refs }), { colour: false })).toContain('\n20 more can be settled the same way; the JSON report')
    expect(renderSummary(makeReport({ refs }))).toContain('How to settle 30 refs that were kept')
    expect(renderSummary(makeReport({ refs }))).toContain('10 more can be settled the same way; the report file')
  })
})
