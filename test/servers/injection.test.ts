import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { run } from '../support/child-process.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, installHook, refsOf } from '../support/git-repository.ts'
import { PROGRAM } from '../support/mirror.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/*
 * Servers that would like the runner to take their words for commands, or a terminal for its controls. The program runs in a process
 * of its own as the runner starts it, so that everything that it prints is looked at: log, debug lines, annotations.
 */

/** Every line of them says `evil`. */
const EVIL = [
  '::set-output name=x::evil',
  '::add-mask::evil',
  '  ::error::evil',
  '\u00a0::warning::evil',
  '\u200b::notice::evil',
  ':\u00ad:notice::evil',
  '##[group]evil',
  '::group::evil',
  '::endgroup::evil',
  'before ##[error]evil',
  '#\u200d#[command]evil',
  'progress\r::error::evil',
  '\r\n::stop-commands::evil',
  'line\u2028::error::evil',
  'line\u0085::error::evil',
  'line\u000b::error::evil',
  '\u001b[31mevil\u001b[0m',
  '\u001b]0;evil\u0007',
  '\u001b]8;;https://evil.example\u001b\\evil\u001b]8;;\u001b\\',
  '\u009b2Jevil',
  '\u202eevil',
  'half an escape \u001b',
  'evil%0A::error::evil',
].join('\n')

let directory: string
let sshd: Sshd
let http: GitHttp
/** Keys whose holders meet a server that is not git, or not git alone. */
const keys: Record<'noisy' | 'refusing' | 'err' | 'stderr' | 'names', string> = { noisy: '', refusing: '', err: '', stderr: '', names: '' }

/** Ends a script that speaks git's protocol by hand. */
const SPEAK = `
const packet = text => { const bytes = Buffer.from(text); return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]) }
const say = (...parts) => process.stdout.write(Buffer.concat(parts.map(part => part === null ? Buffer.from('0000') : packet(part))))
const evil = require('fs').readFileSync(require('path').join(__dirname, 'evil'), 'utf8')
const service = process.env.SSH_ORIGINAL_COMMAND
const zero = '0'.repeat(40)
const hear = (pattern, then) => { let heard = ''; process.stdin.on('data', piece => { heard += piece.toString('latin1'); if (pattern.test(heard)) { heard = ''; then() } }) }
process.stdin.on('end', () => process.exit(0))
`
const SCRIPTS: Readonly<Record<Exclude<keyof typeof keys, 'noisy'>, string>> = {
  // Reads as git, takes pushes by itself, and refuses each ref.
  refusing: `${SPEAK}
if (!service.includes('receive-pack')) require('child_process').spawn('sh', ['-c', service], { stdio: 'inherit' }).on('exit', code => process.exit(code))
else {
  say(zero + ' capabilities^{}\\0report-status side-band-64k agent=git/2.50.0\\n', null)
  hear(/0000PACK/, () => {
    const report = Buffer.concat([packet('unpack ' + evil), packet('ng refs/heads/main ' + evil), Buffer.from('0000')])
    say('\\x02' + evil + '\\n', Buffer.concat([Buffer.from([1]), report]), '\\x02' + evil, null)
    process.stdout.end()
  })
}`,
  err: `${SPEAK}
say('ERR ' + evil)
process.exitCode = 128
process.stdin.destroy()`,
  stderr: `${SPEAK}
process.stderr.write(evil)
process.exitCode = 1
process.stdin.destroy()`,
  // Refs whose names are words, then a pack that breaks off with more of them.
  names: `${SPEAK}
say('version 2\\n', 'agent=git/2.50.0\\n', 'ls-refs=unborn\\n', 'fetch=shallow filter\\n', null)
const oid = 'a'.repeat(40)
let asked = 0
hear(/0000$/, () => {
  if (asked++ === 0) say(oid + ' HEAD symref-target:refs/heads/main\\n', oid + ' refs/heads/main\\n',
    ...evil.split('\\n').filter(line => line).map(line => oid + ' refs/heads/' + line.replaceAll(' ', '') + '\\n'), null)
  else {
    say('packfile\\n', ...evil.split(/(?=[:#])/).map(piece => '\\x02' + piece), '\\x03' + evil, null)
    process.stdout.end()
  }
})`,
}

beforeAll(async () => {
  directory = temporaryDirectory()
  const file = (name: string, text: string): string => {
    const path = join(directory, name)
    writeFileSync(path, text)
    chmodSync(path, 0o755)
    return path
  }
  const evil = file('evil', EVIL)
  const packer = file('packer.sh', `#!/bin/sh\ncat '${evil}' >&2\nexec "$@"\n`)
  const noisy = `GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=uploadpack.packObjectsHook GIT_CONFIG_VALUE_0='${packer}'`
  const commands = {
    noisy: `${noisy} sh -c \\"$SSH_ORIGINAL_COMMAND\\"`,
    ...Object.fromEntries(Object.entries(SCRIPTS).map(([name, text]) => [name, `'${process.execPath}' '${file(`${name}.cjs`, text)}'`])),
  }
  const lines: string[] = []
  for (const name of Object.keys(keys) as (keyof typeof keys)[]) {
    const { privateKey, publicKey } = await generateKey(join(directory, name), 'ed25519')
    keys[name] = privateKey
    lines.push(`restrict,command="${(commands as Record<string, string>)[name]}" ${publicKey}`)
  }
  sshd = await startSshd({ authorizedKeys: lines })
  http = await startGitHttp()
})
afterAll(async () => {
  await Promise.allSettled([sshd, http].map(async server => await server?.stop()))
})

let source: string
let destination: string
beforeEach(async () => {
  source = await createBare()
  destination = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
})

interface Printed {
  readonly text: string
  readonly outputs: string
  readonly code: number | null
}

/** The main step, as the runner starts it. */
async function step(inputs: Readonly<Record<string, string>>): Promise<Printed> {
  const home = temporaryDirectory()
  const files = ['OUTPUT', 'STATE', 'STEP_SUMMARY', 'ENV', 'PATH'].map(name => [`GITHUB_${name}`, join(home, name)] as const)
  for (const [, file] of files) writeFileSync(file, '')
  mkdirSync(join(home, 'temp'))
  const all = {
    'repository-url': source,
    'remote-url': destination,
    transfer: 'relay',
    retries: '0',
    'known-host-keys': sshd.knownHosts,
    ...inputs,
  }
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    RUNNER_TEMP: join(home, 'temp'),
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.invalid',
    // What servers say besides is printed only then.
    RUNNER_DEBUG: '1',
    ...Object.fromEntries(files),
    ...Object.fromEntries(Object.entries(all).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  }
  const [node = '', ...index] = PROGRAM
  const { code, stdout, stderr } = await run(node, index, { cwd: home, env })
  return { code, text: `${stdout}\n${stderr}`, outputs: readFileSync(join(home, 'OUTPUT'), 'utf8') }
}

/** What .NET, by which the runner reads the log, passes over in front of a command, or does not see at all. */
const UNSEEN = /^[\s\u0085]*/u
const IGNORED = /\p{DI}/gu

/** What of the log the runner would take for a command that is none of ours, or that a terminal would act on. */
function dangers({ text }: Printed): string[] {
  const found: string[] = []
  for (const line of text.split('\n')) {
    const seen = line.replace(IGNORED, '').replace(UNSEEN, '')
    if (seen.includes('##[')) found.push(`old command: ${JSON.stringify(line)}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(line))
      found.push(`control: ${JSON.stringify(line)}`)
    if (!seen.startsWith('::')) continue
    const [, command = '', properties = '', value = ''] = /^::([^ :]*)([^:]*)::(.*)$/.exec(seen) ?? []
    const isOurs =
      command === 'debug' ||
      (command === 'group' && /^(?:Server output|How to settle what was kept|\d+ more)$/.test(value)) ||
      (command === 'endgroup' && value === '') ||
      (command === 'add-mask' && !value.includes('evil')) ||
      (/^(?:error|warning|notice)$/.test(command) && properties.startsWith(' title=') && !properties.includes('evil'))
    if (!isOurs || !line.startsWith('::')) found.push(`command: ${JSON.stringify(line)}`)
  }
  return found
}

/** Without it the search would find nothing because nothing was said. */
const expectSafe = (printed: Printed, ...heard: string[]): void => {
  for (const words of ['evil', ...heard]) expect(printed.text).toContain(words)
  expect(dangers(printed)).toEqual([])
  // Each group of ours ends before the next one begins, and before whatever the runner says.
  const groups = printed.text.split('\n').flatMap(line => /^::(group|endgroup)::/.exec(line)?.[1] ?? [])
  expect(groups.map((_, index) => (index % 2 === 0 ? 'group' : 'endgroup'))).toEqual(groups)
  expect(groups.length % 2).toBe(0)
  expect(printed.outputs).not.toMatch(/^x(?:=|<<)/m)
}

const sourceOver = (key: keyof typeof keys) => ({ 'repository-url': sshd.url(source), token: keys[key] })
const destinationOver = (key: keyof typeof keys | 'git') => ({
  'remote-url': sshd.url(destination),
  'auth-secret': key === 'git' ? sshd.privateKey : keys[key],
})

test('the search finds what it looks for', () => {
  for (const line of EVIL.split('\n').filter(line => /::|##|\p{Cc}|\p{Cf}/u.test(line) && !/^evil%|^line$/.test(line)))
    expect(dangers({ text: line, outputs: '', code: 0 })).not.toEqual([])
})

test('progress of a source, and words of a hook that lets all pass', async () => {
  installHook(destination, 'pre-receive', `cat '${join(directory, 'evil')}' >&2; cat > /dev/null`)
  const printed = await step({ ...sourceOver('noisy'), ...destinationOver('git') })
  expect(printed.code).toBe(0)
  expectSafe(printed, '::debug::here: ', '::debug::there: ')
  expect(await refsOf(destination)).toEqual(await refsOf(source))
})

test('words of a hook that refuses, over ssh', async () => {
  installHook(destination, 'update', `cat '${join(directory, 'evil')}' >&2; exit 1`)
  const printed = await step(destinationOver('git'))
  expect(printed.code).toBe(1)
  expectSafe(printed, 'hook declined')
})

// Both sides read the first words of a server by the same code.
test.each([
  ['in an error packet, the source', () => sourceOver('err')],
  ['on stderr, the destination', () => destinationOver('stderr')],
])('a server that only says why it will not: %s', async (_, inputs) => {
  expectSafe(await step(inputs()))
})

test('reasons of a server that refuses, in its report', async () => {
  const printed = await step(destinationOver('refusing'))
  expect(printed.code).toBe(1)
  expectSafe(printed, 'refs/heads/main')
})

test('names of refs, progress in pieces, and the last words of a source', async () => {
  const printed = await step(sourceOver('names'))
  expect(printed.code).toBe(1)
  expectSafe(printed, '::debug::here: ')
})

test('a hook that knows the token, and says it', async () => {
  const name = 'telltale'
  const there = await http.createRepository(name)
  const forms = [http.token, Buffer.from(`${http.user}:${http.token}`).toString('base64'), encodeURIComponent(http.token)]
  const say = forms.map(form => `printf '%s\\n' 'evil ${form}' >&2`).join('; ')
  installHook(
    there,
    'pre-receive',
    `${say}; printf '%s' '${http.token.slice(0, 9)}' >&2; printf '%s\\n' '${http.token.slice(9)}' >&2; exit 1`,
  )
  const printed = await step({ 'remote-url': http.url(name), username: http.user, 'auth-secret': http.token, 'ca-certificate': http.caPem })
  expect(printed.code).toBe(1)
  const shown = printed.text.split('\n').filter(line => !line.startsWith('::add-mask::'))
  expect(shown.join('\n')).toContain('evil ***')
  for (const form of forms) expect(shown.filter(line => line.includes(form))).toEqual([])
})
