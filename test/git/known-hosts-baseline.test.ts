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
]

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
  const hashed = ['example.com', '[example.com]:2222', '2001:db8::1'].map(host => `${host} ${KEY}\n`).join('')
  writeFileSync(file, hashed)
  expect((await keygen('-H')).code).toBe(0)
  const lines = readFileSync(file, 'utf8')
  expect(lines.match(/^\|1\|/gm)).toHaveLength(3)
  text = [...FIELDS.map(hosts => `${hosts} ${KEY}`), `@revoked gone.example.com ${KEY}`, lines].join('\n')
  writeFileSync(file, text)
})

test('every line of the file is read', () => {
  const { entries, problems } = parseKnownHostKeys(text)
  expect(problems).toEqual([])
  expect(entries).toHaveLength(FIELDS.length + 4)
  expect(entries.length * HOSTS.length).toBeGreaterThan(400)
})

test.each(HOSTS)('the lines for %s port %i', async (host, port) => {
  // ssh lowers a host's case before it looks it up; ssh-keygen does so for hosts that are not hashed only.
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
  const found = await ask(name)
  // At least the line `*`, so the plain name is not asked for here where a port has none.
  expect(found).not.toEqual([])
  expect(matchingEntries(parseKnownHostKeys(text).entries, host, port).map(entry => entry.line)).toEqual(found)
})
