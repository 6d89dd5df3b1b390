import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))

interface SourceFile {
  readonly name: string
  readonly text: string
  /** Files of ours that it imports, type imports and import() included. */
  readonly imports: readonly string[]
  /** Packages and node modules that it imports. */
  readonly packages: readonly string[]
}

const IMPORT = /(?:^|[\s;])(?:import|export)\s[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm

const files: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => name.replaceAll('\\', '/'))
  .map(name => {
    const text = readFileSync(join(SOURCE, name), 'utf8')
    const targets = [...text.matchAll(IMPORT)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
    const own = targets.filter(target => target.startsWith('.'))
    return {
      name,
      text,
      imports: own.map(target => relative(SOURCE, join(SOURCE, dirname(name), target)).replaceAll('\\', '/')),
      packages: targets.filter(target => !target.startsWith('.')),
    }
  })

const ENTRIES = ['index.ts', 'main.ts', 'post.ts', 'cli.ts', 'cli-many.ts', 'ssh.ts']
const USE_CASES = [
  'mirror.ts',
  'mirror-many.ts',
  'main-many.ts',
  'summarize.ts',
  'attempt.ts',
  'leg.ts',
  'one-way.ts',
  'reconcile.ts',
  'verify.ts',
  'cleanup.ts',
  'demo.ts',
  'detect-host-keys.ts',
  'show-public-key.ts',
  'generate-key.ts',
  'step.ts',
  'schedule.ts',
  'failure-issue.ts',
]
/** 0: entries, 1: use cases, 2: subjects. */
const ring = (name: string): number => (ENTRIES.includes(name) ? 0 : USE_CASES.includes(name) ? 1 : 2)

/** Files for which the rule does not hold. */
const offenders = (rule: (file: SourceFile) => boolean): string[] => files.filter(file => !rule(file)).map(({ name }) => name)
const imports =
  (...packages: string[]) =>
  (file: SourceFile) =>
    file.packages.some(name => packages.includes(name))

test('the files are read at all', () => {
  expect(files.length).toBeGreaterThan(40)
  expect(files.find(({ name }) => name === 'one-way.ts')?.imports).toContain('plan/plan.ts')
  expect(files.find(({ name }) => name === 'index.ts')?.imports).toContain('cli.ts')
})

describe('arrows', () => {
  test('imports point inward: entries → use cases → subjects', () => {
    const wrong = files.flatMap(({ name, imports: targets }) =>
      targets.filter(target => ring(target) < ring(name)).map(target => `${name} → ${target}`),
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
  test("only host/actions-host.ts knows the runner's toolkit", () => {
    expect(offenders(file => !imports('@actions/core', '@actions/cache')(file) || file.name === 'host/actions-host.ts')).toEqual([])
  })
  // forge/gh.ts starts no git but GitHub's own program, in the user's own environment, which git never sees.
  test('only git/ and forge/gh.ts start processes', () => {
    const starts = imports('@actions/exec', 'node:child_process')
    expect(offenders(file => !starts(file) || file.name.startsWith('git/') || file.name === 'forge/gh.ts')).toEqual([])
  })
  test('only ssh/ imports ssh2', () => expect(offenders(file => !imports('ssh2')(file) || file.name.startsWith('ssh/'))).toEqual([]))
  // Only runs with a configuration file need it.
  test('only settings/config-file.ts imports yaml, which nothing that every run loads does', () => {
    expect(offenders(file => !imports('yaml')(file) || file.name === 'settings/config-file.ts')).toEqual([])
    const byName = new Map(files.map(file => [file.name, file]))
    const loaded = new Set<string>()
    const load = (name: string) => {
      if (loaded.has(name)) return
      loaded.add(name)
      const text = byName.get(name)?.text ?? ''
      for (const target of byName.get(name)?.imports ?? []) if (!text.includes(`import('./${target}')`)) load(target)
    }
    for (const entry of ['main.ts', 'cli.ts']) load(entry)
    expect(loaded).toContain('settings/parse.ts')
    expect([...loaded].filter(name => /^(?:main|cli|mirror)-many\.ts$|config-file/.test(name))).toEqual([])
  })
  test('only host/ and the entries read the environment', () => {
    expect(
      offenders(
        ({ name, text }) =>
          !/process\.env\b|\{[^}]*\benv\b[^}]*\} = process/.test(text) || name.startsWith('host/') || ENTRIES.includes(name),
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
  test('at least half of the files do no I/O', () => {
    const effects = /^(?:node:(?:fs|child_process|net|tls|http|https|timers|os|dns)|@actions\/|ssh2$)/
    const pure = files.filter(file => !file.packages.some(name => effects.test(name)) && !/\bprocess\./.test(file.text))
    expect(pure.length * 2).toBeGreaterThanOrEqual(files.length)
  })
})
