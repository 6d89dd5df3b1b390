// OpenSSH itself says which lines speak of a host: `ssh-keygen -F`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { matchingEntries, parseKnownHostKeys } from '../../src/host-keys/known-hosts.ts'
import { run } from '../support/child-process.ts'
import { gitEnvironment } from '../support/git-repository.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'

const FIELDS = [
  'example.com',
  'Example.COM',
  'a,example.com,b',
  'a,,example.com',
  '*.example.com',
  '*example.com',
  '*',
  'git?.example.com',
  '??',
  'g*t*e*.com',
  '*,!example.com',
  '!example.com,*',
  '!example.com',
  '*.example.com,!git1.example.com',
  '!*.Example.com,*',
  '[example.com]:2222',
  '[*.example.com]:2222',
  '[*]:*',
  '[example.com]:22',
  '*:2222',
  '192.0.2.1',
  '192.0.2.?',
  '2001:db8::1',
  '[2001:db8::1]:2222',
  '2001:db8::*',
  'example.com.',
  'exampleXcom',
  'a(b',
  'example.com|other',
]

const HOSTS: readonly (readonly [host: string, port: number])[] = [
  ['example.com', 22],
  ['EXAMPLE.com', 22],
  ['git1.example.com', 22],
  ['git12.example.com', 22],
  ['example.com.', 22],
  ['xx', 22],
  ['a', 22],
  ['a(b', 22],
  ['gone.example.com', 22],
  ['192.0.2.1', 22],
  ['192.0.2.10', 22],
  ['2001:db8::1', 22],
  ['example.com', 2222],
  ['git1.example.com', 2222],
  ['example.com', 2223],
  ['2001:db8::1', 2222],
  ['host-1', 22],
  ['HOST_1.internal', 22],
  ['host_1.internal', 2222],
  ['fe80::1', 22],
  ['fe80::1', 2223],
  ['xx', 2222],
  ['192.0.2.1', 2222],
  ['nowhere.invalid', 22],
]

const NAMES = [
  'example.com',
  'git1.example.com',
  'gone.example.com',
  'xx',
  'a',
  'host-1',
  'host_1.internal',
  '192.0.2.1',
  '2001:db8::1',
  'fe80::1',
]
const PORTS = [22, 22, 2222, 2223]
const GENERATED = 300

/** Whole numbers below a limit, the same in every run (a linear congruential generator, Numerical Recipes' constants). */
function numbers(seed: number): (limit: number) => number {
  let state = seed
  return limit => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Host fields made of the names above by wildcards, ports, changes of case, slips, negation and lists. */
function generateFields(): string[] {
  const below = numbers(5)
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T
  const change = (name: string): string => {
    const at = below(name.length)
    const to = at + 1 + below(3)
    const put = pick(['*', '?', '**', '', '.', 'X', '(', '+', '\\', '$'])
    return `${name.slice(0, at)}${put}${name.slice(to)}`
  }
  const pattern = (): string => {
    const name = pick(NAMES)
    const port = pick(PORTS)
    const changed = below(3) === 0 ? name : below(3) === 0 ? change(change(name)) : change(name)
    const cased = below(4) === 0 ? changed.toUpperCase() : changed
    const whole = port === 22 ? cased : `[${cased}]:${below(5) === 0 ? '*' : port}`
    return `${below(5) === 0 ? '!' : ''}${whole}`
  }
  const field = (): string => Array.from({ length: 1 + below(4) }, pattern).join(',')
  // A field must not look like a marker or a hashed name.
  return Array.from({ length: GENERATED }, field).map(text => (/^[@#|,]/.test(text) || text === '' ? `x,${text}` : text))
}

let file = ''
let text = ''

const keygen = async (...args: string[]) => run('ssh-keygen', [...args, '-f', file], { cwd: '/', env: gitEnvironment() })

/** Numbers of the lines that OpenSSH finds. */
async function ask(name: string): Promise<number[]> {
  const { code, stdout } = await keygen('-F', name)
  if (code !== 0 && code !== 1) throw new Error(`ssh-keygen ended with ${code}`)
  return [...stdout.matchAll(/ found: line (\d+)/g)].map(([, line]) => Number(line))
}

beforeAll(async () => {
  file = join(temporaryDirectory(), 'known_hosts')
  // Hashed lines are made by OpenSSH, of names that it takes over as they are.
  const names = NAMES.flatMap(name => [name, `[${name}]:2222`])
  writeFileSync(file, names.map(host => `${host} ${KEY}\n`).join(''))
  expect((await keygen('-H')).code).toBe(0)
  const lines = readFileSync(file, 'utf8')
  expect(lines.match(/^\|1\|/gm)).toHaveLength(names.length)
  const revoked = ['gone.example.com', '*.example.com,!git1.example.com', '[example.com]:2222']
  text = [
    ...[...FIELDS, ...generateFields()].map(hosts => `${hosts} ${KEY}`),
    ...revoked.map(hosts => `@revoked ${hosts} ${KEY}`),
    lines,
  ].join('\n')
  writeFileSync(file, text)
})

test('every line of the file is read', () => {
  const { entries, problems } = parseKnownHostKeys(text)
  expect(problems).toEqual([])
  expect(entries).toHaveLength(FIELDS.length + GENERATED + 3 + 2 * NAMES.length)
  expect(entries.length).toBeGreaterThan(300)
})

test.each(HOSTS)('the lines for %s port %i', async (host, port) => {
  // ssh lowers a host's case before it looks it up; ssh-keygen does so for hosts that are not hashed only.
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
  const found = await ask(name)
  // At least the line `*`, so the plain name is not asked for here where a port has none.
  expect(found).not.toEqual([])
  expect(matchingEntries(parseKnownHostKeys(text).entries, host, port).map(entry => entry.line)).toEqual(found)
})
