import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'

const sections = new Map(
  readFileSync('docs/security.md', 'utf8')
    .split(/^## /m)
    .slice(1)
    .map(text => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)] as const),
)
const sectionOf = (title: string): string => sections.get(title) ?? ''

const TEST = /`(test\/[\w/-]+\.test\.ts)`/g
const testsIn = (text: string): string[] => [...text.matchAll(TEST)].map(([, file = '']) => file)

/** The rows of a section's table, without its head. */
const rowsOf = (text: string): string[] => (text.match(/^\|.*\|$/gm) ?? []).slice(2)
/** The items of its lists, each with the lines that belong to it. */
const itemsOf = (text: string): string[] => text.match(/^- .*(?:\n {2}.*)*/gm) ?? []

describe('docs/security.md: each promise names the test that holds it', () => {
  test.each([
    ['Who is trusted', rowsOf, ['| people who can change the workflow, ']],
    ['Who can do what', rowsOf, ['| people who can change the workflow file |']],
    ['Text of others', rowsOf, []],
    ['The refs of the mirror', itemsOf, []],
    ['What servers say', itemsOf, []],
    ['Code of others', itemsOf, []],
  ] as const)('%s', (title, partsOf, without) => {
    const parts = partsOf(sectionOf(title)).filter(part => !without.some(beginning => part.startsWith(beginning)))
    expect(parts.length).toBeGreaterThan(3)
    expect(parts.filter(part => testsIn(part).length === 0)).toEqual([])
  })

  test('every test that the page names exists', () => {
    const named = [...sections.values()].flatMap(testsIn)
    expect(named).toEqual(expect.arrayContaining(['test/scenarios/kills.test.ts', 'test/scenarios/hygiene.test.ts']))
    expect(named.filter(file => !existsSync(file))).toEqual([])
  })
})
