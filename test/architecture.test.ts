import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))

interface SourceFile {
  readonly name: string
  readonly text: string
  /** Files of ours that it imports, type imports and import() included. */
  readonly imports: readonly string[]
  /** Those of them that are loaded only when they are needed, by import(). */
  readonly lazy: readonly string[]
  /** Packages and node modules that it imports. */
  readonly packages: readonly string[]
}

const IMPORT = /(?:^|[\s;])(?:import|export)\s[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm

const files: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => name.replaceAll('\\', '/'))
  .map(name => {
    const text = readFileSync(join(SOURCE, name), 'utf8')
    const matches = [...text.matchAll(IMPORT)].map(([, from, bare, dynamic]) => ({
      target: from ?? bare ?? dynamic ?? '',
      isLazy: dynamic !== undefined,
    }))
    const pathOf = (target: string) => relative(SOURCE, join(SOURCE, dirname(name), target)).replaceAll('\\', '/')
    const own = matches.filter(({ target }) => target.startsWith('.')).map(({ target, isLazy }) => ({ path: pathOf(target), isLazy }))
    return {
      name,
      text,
      imports: own.map(({ path }) => path),
      lazy: own.filter(({ isLazy }) => isLazy).map(({ path }) => path),
      packages: matches.map(({ target }) => target).filter(target => !target.startsWith('.')),
    }
  })

/** From top to bottom. A folder imports only from those on lines below its own, types included; folders of one line do not know each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['index.ts'],
  ['entries'],
  ['commands'],
  ['schedule'],
  ['run'],
  ['transfer'],
  ['forge'],
  ['transport'],
  ['lfs'],
  ['ssh'],
  ['session'],
  ['report'],
  ['settings'],
  ['wire', 'git', 'plan', 'host-keys', 'credentials'],
  ['refs', 'keys'],
  ['host'],
  ['errors'],
  ['remote'],
  ['text', 'tasks'],
]
const folderOf = (name: string): string => name.split('/', 1)[0] ?? ''
/** -1 for a folder that has no floor. */
const floorOf = (name: string): number => FLOORS.findIndex(floor => floor.includes(folderOf(name)))

/** Files for which the rule does not hold. */
const offenders = (rule: (file: SourceFile) => boolean): string[] => files.filter(file => !rule(file)).map(({ name }) => name)
const imports =
  (...packages: string[]) =>
  (file: SourceFile) =>
    file.packages.some(name => packages.includes(name))

test('the files are read at all', () => {
  expect(files.length).toBeGreaterThan(40)
  expect(files.find(({ name }) => name === 'run/compare.ts')?.imports).toContain('plan/plan.ts')
  expect(files.find(({ name }) => name === 'index.ts')?.imports).toContain('entries/cli.ts')
})

describe('floors', () => {
  test('every folder has its floor, and nothing but the door lies beside them', () => {
    expect([...new Set(files.map(({ name }) => folderOf(name)))].sort()).toEqual(FLOORS.flat().sort())
  })

  test('docs/architecture.md names every folder and every file that it sends the reader to', () => {
    const page = readFileSync(join(SOURCE, '../docs/architecture.md'), 'utf8')
    const map = page.slice(page.indexOf('```'), page.indexOf('```', page.indexOf('```') + 3))
    expect(FLOORS.flat().filter(name => !map.includes(name.endsWith('.ts') ? name : ` ${name}/`))).toEqual([])
    const named = [...page.matchAll(/`([a-z-]+(?:\/[a-z-]+)*\/(?:[a-z-]+\.ts)?)`/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(name => !existsSync(join(SOURCE, name)))).toEqual([])
  })

  test('imports go down', () => {
    const wrong = files.flatMap(({ name, imports: targets }) =>
      targets
        .filter(target => folderOf(target) !== folderOf(name) && floorOf(target) <= floorOf(name))
        .map(target => `${name} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('no cycles, type imports included', () => {
    const byName = new Map(files.map(file => [file.name, file]))
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (name: string, path: readonly string[]) => {
      if (path.includes(name)) cycles.push([...path.slice(path.indexOf(name)), name].join(' → '))
      else if (!done.has(name)) {
        for (const target of byName.get(name)?.imports ?? []) visit(target, [...path, name])
        done.add(name)
      }
    }
    for (const { name } of files) visit(name, [])
    expect(cycles).toEqual([])
  })

  test('every import leads to a file', () => {
    const names = new Set(files.map(({ name }) => name))
    expect(files.flatMap(({ imports: targets }) => targets.filter(target => !names.has(target)))).toEqual([])
  })
})

describe('each thing has one place', () => {
  test("only host/actions-host.ts knows the runner's toolkit, and only schedule/ its cache", () => {
    expect(offenders(file => !imports('@actions/core')(file) || file.name === 'host/actions-host.ts')).toEqual([])
    expect(offenders(file => !imports('@actions/cache')(file) || file.name.startsWith('schedule/'))).toEqual([])
  })
  // forge/gh.ts starts no git but GitHub's own program, in the user's own environment, which git never sees.
  test('only git/ and forge/gh.ts start processes', () => {
    const starts = imports('@actions/exec', 'node:child_process')
    expect(offenders(file => !starts(file) || file.name.startsWith('git/') || file.name === 'forge/gh.ts')).toEqual([])
  })
  test('only ssh/ imports ssh2', () => expect(offenders(file => !imports('ssh2')(file) || file.name.startsWith('ssh/'))).toEqual([]))
  // Only runs with a regular expression, or with patterns of a forge, need it.
  test('only refs/regex.ts imports re2js, and only by import()', () => {
    expect(offenders(file => !imports('re2js')(file) || (file.name === 'refs/regex.ts' && !/from 're2js'/.test(file.text)))).toEqual([])
  })
  // Only runs with a configuration file need it.
  test('only settings/config/config-file.ts imports yaml, which nothing that every run loads does', () => {
    expect(offenders(file => !imports('yaml')(file) || file.name === 'settings/config/config-file.ts')).toEqual([])
    const byName = new Map(files.map(file => [file.name, file]))
    const loaded = new Set<string>()
    const load = (name: string) => {
      if (loaded.has(name)) return
      loaded.add(name)
      const { imports: targets = [], lazy = [] } = byName.get(name) ?? {}
      for (const target of targets) if (!lazy.includes(target)) load(target)
    }
    for (const entry of ['entries/main.ts', 'entries/cli.ts']) load(entry)
    expect(loaded).toContain('settings/parse.ts')
    expect([...loaded].filter(name => /configured-mirrors|config-file/.test(name))).toEqual([])
  })
  test('only host/ and the entries read the environment', () => {
    expect(
      offenders(
        ({ name, text }) =>
          !/process\.env\b|\{[^}]*\benv\b[^}]*\} = process/.test(text) || ['index.ts', 'host', 'entries'].includes(folderOf(name)),
      ),
    ).toEqual([])
  })
})

describe('shape', () => {
  test('no `any`, no barrels, no drawers', () => {
    const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/'[^'\n]*'|`[^`]*`/g, '')
    expect(offenders(({ text }) => !/[:<|&,(]\s*any\b/.test(withoutComments(text)))).toEqual([])
    expect(offenders(({ name }) => name === 'index.ts' || !/(?:^|\/)(?:index|utils?|helpers?|common|manager)\.ts$/.test(name))).toEqual([])
  })
  test('files stay short', () => {
    const lengths = files.map(({ text }) => text.split('\n').length).sort((a, b) => a - b)
    expect(offenders(({ text }) => text.split('\n').length <= 300)).toEqual([])
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(100)
  })
  test('a name belongs to one exported type', () => {
    const places = new Map<string, string[]>()
    for (const { name, text } of files) {
      for (const [, type = ''] of text.matchAll(/^export (?:abstract class|class|interface|type) (\w+)/gm)) {
        places.set(type, [...(places.get(type) ?? []), name])
      }
    }
    expect([...places].filter(([, names]) => names.length > 1)).toEqual([])
  })
  test('at least half of the files do no I/O', () => {
    const effects = /^(?:node:(?:fs|child_process|net|tls|http|https|timers|os|dns)|@actions\/|ssh2$)/
    const pure = files.filter(file => !file.packages.some(name => effects.test(name)) && !/\bprocess\./.test(file.text))
    expect(pure.length * 2).toBeGreaterThanOrEqual(files.length)
  })
})
