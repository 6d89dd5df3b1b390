import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { LONGEST } from './support/longest.ts'

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
  ['limits'],
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
    expect(files.flatMap(({ imports: targets }) => targets.filter(target => !existsSync(join(SOURCE, target))))).toEqual([])
  })
})

describe('each thing has one place', () => {
  test("only host/actions-host.ts knows the runner's toolkit, and only schedule/ its cache", () => {
    expect(offenders(file => !imports('@actions/core')(file) || file.name === 'host/actions-host.ts')).toEqual([])
    expect(offenders(file => !imports('@actions/cache')(file) || file.name.startsWith('schedule/'))).toEqual([])
  })
  test("only git/process.ts starts processes; git/process-group.ts ends them, on Windows by its taskkill; forge/gh.ts runs the user's gh by the toolkit", () => {
    const ofProcesses = ['git/process.ts', 'git/process-group.ts']
    expect(offenders(file => !imports('node:child_process')(file) || ofProcesses.includes(file.name))).toEqual([])
    expect(offenders(({ name, text }) => name !== 'git/process-group.ts' || !/execFileSync\((?!'taskkill')/.test(text))).toEqual([])
    expect(offenders(file => !imports('@actions/exec')(file) || file.name === 'forge/gh.ts')).toEqual([])
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
    expect(loaded).toContain('settings/parse-settings.ts')
    expect([...loaded].filter(name => /configured-mirrors|config-file/.test(name))).toEqual([])
  })
  // A command or a step gets its inputs only there, so it cannot forget to mask their secrets.
  test('secrets are masked where inputs are read and where a key is made, all by settings/read-inputs.ts', () => {
    expect(
      offenders(
        ({ name, text }) => !/\bsecretForms\(/.test(text) || ['credentials/secret-forms.ts', 'settings/read-inputs.ts'].includes(name),
      ),
    ).toEqual([])
    expect(offenders(({ name, text }) => !/\bmask\((?!secrets: )/.test(text) || name === 'settings/read-inputs.ts')).toEqual([])
    const entrances = ['commands/keygen/generate-key.ts', 'settings/config/mirrors.ts', 'settings/read-inputs.ts']
    expect(offenders(({ text }) => !text.includes('maskSecrets(')).sort()).toEqual(entrances)
    const readsInputs = /\benv(?:ironment)?\[(?:`INPUT_|environmentName\(|\w+\.trim\(\))/
    expect(offenders(({ name, text }) => !readsInputs.test(text) || entrances.includes(name))).toEqual([])
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

// What git and this program have written in the private directory is read as it is, and so are lists of processes.
test('files of others are read by host/file-text.ts, which has a limit', () => {
  const own = ['git/left-behind.ts', 'git/memory.ts', 'git/process-group.ts', 'git/remote.ts', 'session/session.ts', 'ssh/program.ts']
  expect(offenders(({ name, text }) => !/\breadFile(?:Sync)?\(/.test(text) || own.includes(name))).toEqual([])
  expect(own.filter(name => !files.some(file => file.name === name))).toEqual([])
})

/** Numbers of our own output and requests, of a protocol, and of waiting for programs of ours: what others say has no part in them. */
const OWN_NUMBERS: Readonly<Record<string, readonly string[]>> = {
  'commands/configured-mirrors.ts': ['MAX_MATRIX'],
  'git/lfs.ts': ['CHECK_MS'],
  'git/porcelain.ts': ['MAX_PUNCTUATION'],
  'git/process.ts': ['CHECK_MS'],
  'git/process-group.ts': ['CHECK_MS'],
  'host-keys/known-hosts.ts': ['SHA1_BYTES'],
  'keys/private-key.ts': ['MAX_LINE'],
  'lfs/pointer.ts': ['MAX_SIZE'],
  'plan/backups.ts': ['DAY_MS'],
  'plan/seal.ts': ['CODE_LENGTH'],
  'refs/mirroring-ref.ts': ['HASH_LENGTH', 'MAX_NAME_BYTES'],
  'refs/ref.ts': ['MAX_PART_BYTES'],
  'run/apply/lfs-choice.ts': ['MAX_ALONE'],
  'session/lfs.ts': ['MAX_TRIES'],
  'text/names.ts': ['MAX_NAMES'],
  'settings/schedule.ts': ['MAX_INTERVAL'],
  'ssh/key-generation.ts': ['ED25519_BLOB_BYTES'],
  'transfer/relay/haves.ts': ['MAX_HAVES'],
  'transport/http.ts': ['MAX_IDLE_BEFORE_PUSH_MS'],
  'wire/pack-entry.ts': ['PACK_HEADER_LENGTH'],
  'wire/pkt-line.ts': ['PACKET_LENGTH'],
}
/** Folders that only show, and wait for themselves. */
const OWN_FOLDERS = ['limits', 'report', 'host']

test('the limits of what others may say stand in limits/limits.ts', () => {
  const found = files
    .filter(({ name }) => !OWN_FOLDERS.includes(folderOf(name)))
    .flatMap(({ name, text }) =>
      [...text.matchAll(/^(?:export )?const (MAX_\w+|\w+_(?:MS|BYTES|CHARACTERS|LENGTH|LINES)) = /gm)].map(
        ([, constant = '']) => `${name} ${constant}`,
      ),
    )
  expect(found.sort()).toEqual(
    Object.entries(OWN_NUMBERS)
      .flatMap(([name, constants]) => constants.map(constant => `${name} ${constant}`))
      .sort(),
  )
})

/** Files that cut texts of our own, ids and lists of names at a number. `git/remote.ts` cuts a line of git in an error that should never occur. */
const CUTS = [
  'git/remote.ts',
  'plan/base.ts',
  'plan/safeguards.ts',
  'run/apply/lfs.ts',
  'schedule/state.ts',
  'settings/values.ts',
  'text/quantity.ts',
  'transfer/relay/relay-lfs.ts',
  'wire/tree.ts',
]

test('the words of others are cut by limits that have a name', () => {
  const found = files.filter(({ name, text }) => !OWN_FOLDERS.includes(folderOf(name)) && /\((?:'\w+', )?0, \d{2,}\)/.test(text))
  expect(found.map(({ name }) => name).sort()).toEqual(CUTS)
})

/** Folders and files that match text, each with whose text it is. Text of our own is never read back: facts travel as kinds and values. */
const READS_TEXT: Readonly<Record<string, string>> = {
  remote: 'URLs of a user',
  settings: 'inputs and files of a user',
  credentials: 'secrets of a user',
  keys: 'key files of a user',
  'host-keys': 'known_hosts lines',
  refs: 'names of refs and patterns',
  text: 'any text, to escape it or to hide secrets',
  wire: "git's protocol",
  lfs: "pointers, attributes and git's configuration, and the output of git-lfs",
  'commands/host-keys/host-keys-command.ts': 'the host that a user gives',
  'commands/keygen/keygen-command.ts': 'flags of a user',
  'errors/request-limit.ts': 'messages of servers',
  'git/largest-files.ts': 'the output of git',
  'errors/damage-texts.ts': 'messages of a source that is damaged',
  'errors/error-table.ts': 'messages of servers and programs',
  'errors/warnings.ts': 'messages of servers and programs',
  'forge/api.ts': "answers of a forge's API",
  'forge/glob.ts': "patterns of a forge's API",
  'forge/location.ts': 'URLs of a user',
  'forge/protection-rules.ts': "answers of a forge's API",
  'git/lfs.ts': 'output of git-lfs',
  'git/objects.ts': 'output of git',
  'git/porcelain.ts': 'output of git',
  'git/memory.ts': 'what the system reports of a process',
  'git/remote-failure.ts': 'output of git and of the server',
  'git/remote.ts': 'the trace of git, and the output of git ls-remote',
  'git/repository.ts': 'output of git',
  'git/version.ts': 'output of git',
  'host/actions-host.ts': 'secrets of a user',
  'report/annotations.ts': 'whether a message already has the detail that would follow it',
  'report/issue.ts': 'the marker in the body of an issue',
  'report/markdown.ts': 'any text, to escape it',
  'schedule/runner-cache.ts': 'output of @actions/cache',
  'schedule/state.ts': 'names of cache entries',
  'session/cleanup.ts': 'a path that other steps of the job can write',
  'ssh/allowed-command.ts': 'arguments from git',
  'ssh/client.ts': 'errors of ssh2',
  'ssh/command-line.ts': 'arguments from git',
  'ssh/connection-failure.ts': 'errors of ssh2, and the first bytes of a server',
  'ssh/host-key-scan.ts': 'errors of ssh2',
  'ssh/key-pair.ts': 'key files of a user, and errors of ssh2',
  'ssh/server-offer.ts': 'the first bytes of a server, and errors of ssh2',
  'ssh/server.ts': 'commands of an SSH client',
  'transfer/git/git-transfer.ts': 'names of files of git',
  'transfer/push-outcome.ts': "the server's reason for a ref",
  'transfer/relay/receive-pack.ts': 'output of the server',
  'transfer/relay/relay-lfs.ts': 'git objects',
  'transfer/relay/upload-pack.ts': "the server's refusal of a filter",
  'transport/http-status.ts': 'answers of a web server',
  'transport/local.ts': 'names of environment variables',
  'transport/network-failure.ts': 'error codes of node',
  'transport/proxy.ts': 'proxies of a user',
  'transport/smart-greeting.ts': "git's protocol",
}
const MATCH = /\.(?:test|match|matchAll|search)\(|(?<!client|connection|opened)\.exec\(/
/** A field that may hold a text of ours is compared, or searched. */
const MATCH_OF_FIELD =
  /\b(?:message|reason|detail|hint|title|problem)\b\)?\??\.(?:includes|startsWith|endsWith|indexOf|match|replaceAll)\(|\b(?:message|reason|detail|hint|title|problem) [!=]== ['"`]/

describe('text', () => {
  const matching = files.filter(({ text }) => MATCH.test(text) || MATCH_OF_FIELD.test(text)).map(({ name }) => name)
  test('only the listed places match text, each of another program, a server or a user', () => {
    expect(matching.filter(name => !(name in READS_TEXT) && !(folderOf(name) in READS_TEXT))).toEqual([])
  })
  test('the list holds nothing that is gone', () => {
    expect(Object.keys(READS_TEXT).filter(place => !matching.some(name => name === place || folderOf(name) === place))).toEqual([])
  })
})

/** The expressions that are spread in parentheses: `a ? [b] : []` of `...(a ? [b] : [])`. */
function spreadsIn(text: string): string[] {
  return [...text.matchAll(/\.\.\.\(/g)].map(({ index }) => {
    const start = index + '...('.length
    let depth = 1
    let end = start
    for (; depth > 0 && end < text.length; end += 1) depth += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0
    return text.slice(start, end - 1)
  })
}
/** Fields that are there under a condition. */
const isConditionalObject = (spread: string): boolean => /(?:&&|[?:])\s*\{/.test(spread) || (/&&/.test(spread) && !/\s\?\s/.test(spread))

describe('shape', () => {
  test('no field is spread under a condition, as every receiver takes `undefined`; and none only for the layout', () => {
    const spreads = files.flatMap(({ name, text }) => spreadsIn(text).map(spread => ({ name, spread })))
    expect(spreads.length).toBeGreaterThan(40)
    expect(spreads.filter(({ spread }) => isConditionalObject(spread))).toEqual([])
    expect(offenders(({ text }) => !/\.\.\.\{/.test(text))).toEqual([])
  })
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
  test('a function of more than 60 lines says why it is one function', () => {
    const long = files.flatMap(({ name, text }) => {
      const lines = text.split('\n')
      return lines.flatMap((line, start) => {
        const indent = /^( *)(?!if|for|while|switch|\} |export class|class)\S?.*(?:\)(?:: .*)?|=>) \{$/.exec(line)?.[1]
        if (indent === undefined) return []
        const length = lines.slice(start).findIndex(one => one.startsWith(`${indent}}`)) + 1
        const above = lines.slice(lines.lastIndexOf('', start), start).join(' ')
        return length > 60 && !/One function, because/.test(above) ? [`${name}:${start + 1}: ${length} lines`] : []
      })
    })
    expect(long).toEqual([])
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

test('the files that the tests begin with are there', () => {
  const file = (name: string) => fileURLToPath(new URL(`${name}.test.ts`, import.meta.url))
  expect(LONGEST.filter(name => !existsSync(file(name)))).toEqual([])
})
