// Logging in with a password or an agent, against real OpenSSH servers and a real ssh-agent; what no real server asks, a server of ssh2 does.
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AuthContext, Connection, KeyboardAuthContext, PasswordAuthContext } from 'ssh2'
import type { Failure } from '../../src/errors/failure.ts'
import { generateKeyFiles } from '../../src/ssh/key-generation.ts'
import { Server as Ssh2Server } from '../../src/ssh/ssh2.ts'
import { type Account, createAccount } from '../support/account.ts'
import { run } from '../support/child-process.ts'
import { until } from '../support/clock.ts'
import { commit, createBare, fsck, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { differences, type MirrorOptions, PROGRAM, runMirror } from '../support/mirror.ts'
import { startSshAgent } from '../support/ssh-agent.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const TRANSFERS = ['relay', 'git'] as const
// What shells, URLs and JSON each would have to quote; and a name as companies have it.
const PASSWORD = `s3cret "pa$$'w:rd\\ @ä `
const USERNAME = 'mirror@corp'
const NO_KEYS = ['PubkeyAuthentication no', 'PermitRootLogin yes']

let account: Account
let withPam: Account
let passwordOnly: Sshd
let questionsOnly: Sshd
let both: Sshd
let keyOnly: Sshd
let keyThenPassword: Sshd
let source: string

beforeAll(async () => {
  account = await createAccount({ username: USERNAME, password: PASSWORD })
  withPam = await createAccount({ username: USERNAME, password: 'for PAM, without a colon', pam: true })
  const password = ['AuthenticationMethods password', 'PasswordAuthentication yes', 'KbdInteractiveAuthentication no', ...NO_KEYS]
  const questions = ['AuthenticationMethods keyboard-interactive', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes']
  passwordOnly = await startSshd({ account, settings: password })
  questionsOnly = await startSshd({ account: withPam, settings: [...questions, 'UsePAM yes', ...NO_KEYS] })
  both = await startSshd({
    account: withPam,
    settings: ['AuthenticationMethods any', 'PasswordAuthentication yes', 'KbdInteractiveAuthentication yes', 'UsePAM yes', ...NO_KEYS],
  })
  keyOnly = await startSshd()
  keyThenPassword = await startSshd({
    account,
    settings: ['AuthenticationMethods publickey,password', 'PasswordAuthentication yes', 'PermitRootLogin yes'],
  })
  source = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
})

afterAll(async () => {
  await Promise.allSettled([passwordOnly, questionsOnly, both, keyOnly, keyThenPassword].map(async server => await server?.stop()))
})

interface Way {
  readonly sshd: Sshd
  readonly secret: string
  readonly transfer: 'relay' | 'git'
}

async function mirrorTo({ sshd, secret, transfer }: Way, options: MirrorOptions = {}) {
  const destination = await createBare()
  const inputs = {
    'repository-url': source,
    'remote-url': sshd.url(destination),
    'auth-secret': secret,
    'known-host-keys': sshd.knownHosts,
    // What cannot help must not be tried, however often a run may try.
    retries: '3',
    transfer,
  }
  return { destination, report: await runMirror(inputs, options) }
}

/** What a mirror that fails says. Nothing of it is the secret. */
async function failureOf(way: Way, options: MirrorOptions = {}): Promise<Pick<Failure, 'kind' | 'message' | 'detail' | 'hint'>> {
  const { report, destination } = await mirrorTo(way, options)
  if (report.failure === null) throw new Error(`no failure: ${report.status}`)
  expect(report.failure.side).toBe('there')
  if (way.secret !== '') expect(JSON.stringify(report)).not.toContain(JSON.stringify(way.secret).slice(1, -1))
  expect((await refsOf(destination)).size).toBe(0)
  return report.failure
}

const linesOf = (sshd: Sshd, pattern: RegExp): string[] => sshd.log().match(new RegExp(pattern, 'gm')) ?? []

/** A server may write about a login when its client is gone already. */
const untilNobodyIsIn = (sshd: Sshd) =>
  until(() => linesOf(sshd, /^(?:Connection closed by|Disconnected from) /).length >= linesOf(sshd, /^Connection from /).length)

describe.each(TRANSFERS)('a password, %s', transfer => {
  test('by the method of that name; the user of the URL is decoded', async () => {
    const { report, destination } = await mirrorTo({ sshd: passwordOnly, secret: `${PASSWORD}\n`, transfer })
    expect(report).toMatchObject({ status: 'updated', inSync: true, transfer })
    expect(passwordOnly.url('')).toContain('mirror%40corp@')
    expect(await differences(source, destination)).toEqual([])
    expect(linesOf(passwordOnly, /^Accepted password for mirror@corp /)).not.toEqual([])
    expect(linesOf(passwordOnly, /^(?:Failed|Invalid) (?!none).*/)).toEqual([])
  })

  test('that is wrong is tried once', async () => {
    const before = linesOf(both, /^Failed /).length
    const failure = await failureOf({ sshd: both, secret: 'wrong-password', transfer })
    expect(failure).toMatchObject({
      kind: 'ssh-password-refused',
      message: `"mirror@corp@127.0.0.1:${both.port}" refused the password`,
      detail: 'the server accepts only: password, keyboard-interactive',
    })
    await untilNobodyIsIn(both)
    expect(linesOf(both, /^Failed /)).toHaveLength(before + 1)
  })

  // The program that git starts does the rest as the relay does.
  if (transfer === 'git') return

  test('as the answer to the one question of keyboard-interactive', async () => {
    const { report, destination } = await mirrorTo({ sshd: questionsOnly, secret: withPam.password, transfer })
    expect(report).toMatchObject({ status: 'updated', inSync: true, transfer })
    expect(await differences(source, destination)).toEqual([])
    expect(linesOf(questionsOnly, /^Accepted keyboard-interactive\/pam for mirror@corp /)).not.toEqual([])
  })

  test('is not sent to a server that takes only keys', async () => {
    const failure = await failureOf({ sshd: keyOnly, secret: 'wrong-password', transfer })
    expect(failure).toMatchObject({
      kind: 'ssh-password-refused',
      message: `"${keyOnly.username}@127.0.0.1:${keyOnly.port}" takes no password, only: publickey`,
      hint: 'put an SSH private key in `auth-secret`',
    })
    expect(linesOf(keyOnly, /^Failed password.*/)).toEqual([])
  })

  test('is not sent to a server that is not known', async () => {
    const { report } = await mirrorTo({ sshd: { ...passwordOnly, knownHosts: keyOnly.hostKeys.ed25519 }, secret: PASSWORD, transfer })
    expect(report.failure).toMatchObject({ kind: 'host-key-changed' })
    expect(linesOf(passwordOnly, /^Failed .*/)).toEqual([])
  })
})

test('a wrong answer to keyboard-interactive is given once', async () => {
  const failure = await failureOf({ sshd: questionsOnly, secret: 'wrong-password', transfer: 'relay' })
  expect(failure).toMatchObject({ kind: 'ssh-password-refused', message: expect.stringContaining('refused the password') })
  await untilNobodyIsIn(questionsOnly)
  expect(linesOf(questionsOnly, /^Failed keyboard-interactive\/pam /)).toHaveLength(1)
})

test('a key at a server that takes only passwords, and at one that wants both', async () => {
  const { privateKey } = keyOnly
  expect(await failureOf({ sshd: passwordOnly, secret: privateKey, transfer: 'relay' })).toMatchObject({
    kind: 'ssh-key-refused',
    detail: expect.stringContaining('the server accepts only: password'),
  })
  expect(await failureOf({ sshd: keyThenPassword, secret: keyThenPassword.privateKey, transfer: 'relay' })).toMatchObject({
    kind: 'ssh-key-refused',
    message: expect.stringMatching(/ took the key ssh-ed25519 SHA256:\S+, but asks for more: password$/),
  })
})

describe('what a server may ask besides', () => {
  interface Question {
    readonly prompt: string
    readonly echo: boolean
  }
  const HIDDEN: Question = { prompt: 'Password: ', echo: false }
  // Not by ssh2 alone, of whose keys one in 256 is none.
  const HOST_KEY = generateKeyFiles('ed25519', '', null)
  let listener: Server
  let rounds: readonly (readonly Question[])[] = []
  let bannerOf: ((count: number) => string) | null = null
  const answers: string[][] = []
  let answer: (context: PasswordAuthContext) => void = context => context.reject()

  /** Asks one round of questions after the other, whatever the answers are; then nobody gets in. */
  const ask = (context: KeyboardAuthContext, [round, ...more]: readonly (readonly Question[])[]): void => {
    if (round === undefined) {
      context.reject(['keyboard-interactive'])
      return
    }
    context.prompt([...round], given => {
      answers.push([...given])
      ask(context, more)
    })
  }

  beforeAll(async () => {
    const server = new Ssh2Server({ hostKeys: [HOST_KEY.privateKey] }, connection => {
      connection.on('error', () => {})
      connection.on('authentication', (context: AuthContext) => {
        if (bannerOf !== null) printForEver(connection, bannerOf)
        else if (context.method === 'keyboard-interactive') ask(context, rounds)
        else if (context.method === 'password') answer(context)
        else context.reject(rounds.length > 0 ? ['keyboard-interactive'] : ['password'])
      })
    })
    listener = createServer(socket => server.injectSocket(socket))
    await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    listener?.close()
  })

  const fail = async (): Promise<Pick<Failure, 'kind' | 'message' | 'hint' | 'detail'>> => {
    answers.length = 0
    const { port } = listener.address() as AddressInfo
    const sshd = { ...keyOnly, knownHosts: HOST_KEY.publicKey, url: (path: string) => `ssh://git@127.0.0.1:${port}${path}` }
    return await failureOf({ sshd, secret: 'the-password', transfer: 'relay' })
  }

  test.each<[string, readonly (readonly Question[])[], string, string[][]]>([
    ['two questions at once', [[HIDDEN, HIDDEN]], 'asks for something other than a password: "Password:", "Password:"', []],
    ['a question whose answer is shown', [[{ prompt: 'User: ', echo: true }]], 'asks for something other than a password: "User:"', []],
    [
      'a second question',
      [[HIDDEN], [{ prompt: 'One-time code: ', echo: false }]],
      'asks for more than a password: "One-time code:"',
      [['the-password']],
    ],
    ['the same question again', [[HIDDEN], [HIDDEN]], 'asks for more than a password: "Password:"', [['the-password']]],
    ['no question first', [[], [HIDDEN]], 'refused the password', [[], ['the-password']]],
    [
      'a long question with line ends',
      [[{ prompt: `${'x'.repeat(300)}\n`, echo: true }]],
      `asks for something other than a password: "${'x'.repeat(100)}"`,
      [],
    ],
  ])('%s', async (_name, asked, words, given) => {
    rounds = asked
    const { port } = listener.address() as AddressInfo
    expect(await fail()).toMatchObject({ kind: 'ssh-password-refused', message: `"git@127.0.0.1:${port}" ${words}` })
    expect(answers).toEqual(given)
  })

  const LONG = 'x'.repeat(32_000)
  test.each<[string, (count: number) => string]>([
    ['long', () => LONG],
    ['empty', count => (count < 2 ? LONG : '')],
  ])('%s banners without end', async (_, texts) => {
    bannerOf = texts
    const { port } = listener.address() as AddressInfo
    const failure = await fail()
    bannerOf = null
    expect(failure).toMatchObject({
      kind: 'answer-too-large',
      message: `"git@127.0.0.1:${port}" prints text without end before the login`,
      detail: null,
    })
  })

  test('a new password', async () => {
    rounds = []
    answer = context => context.requestChange('Your password has expired.', () => {})
    expect(await fail()).toMatchObject({
      kind: 'ssh-password-refused',
      message: expect.stringContaining('asks for a new password'),
      detail: 'Your password has expired.',
    })
  })
})

/** Sends one banner after the other (SSH_MSG_USERAUTH_BANNER, RFC 4252 §5.4), until the client has had enough. */
function printForEver(connection: Connection, bannerOf: (count: number) => string): void {
  const { _protocol: protocol } = connection as unknown as { _protocol: SendingProtocol }
  let isOpen = true
  connection.on('close', () => {
    isOpen = false
  })
  let count = 0
  const print = (): void => {
    if (!isOpen) return
    const text = Buffer.from(bannerOf(count++))
    const { allocStart } = protocol._packetRW.write
    const packet = protocol._packetRW.write.alloc(1 + 4 + text.length + 4)
    packet[allocStart] = 53
    packet.writeUInt32BE(text.length, allocStart + 1)
    text.copy(packet, allocStart + 5)
    packet.writeUInt32BE(0, allocStart + 5 + text.length)
    protocol._cipher.encrypt(protocol._packetRW.write.finalize(packet))
    setImmediate(print)
  }
  print()
}

/** What ssh2 has no public method for. */
interface SendingProtocol {
  readonly _packetRW: {
    readonly write: { readonly allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer }
  }
  readonly _cipher: { encrypt(packet: Buffer): void }
}

describe('an agent', () => {
  let strangers: string[]

  beforeAll(async () => {
    const directory = temporaryDirectory()
    const numbers = [1, 2, 3, 4, 5, 6, 7]
    strangers = await Promise.all(numbers.map(async number => (await generateKey(join(directory, `key${number}`), 'ed25519')).privateKey))
  })

  const withAgent = (agentSocket: string): MirrorOptions => ({ context: { agentSocket } })

  test.each(TRANSFERS)('logs in where there is no secret, %s', async transfer => {
    const agent = await startSshAgent(strangers[0] ?? '', keyOnly.privateKey)
    try {
      const { report, destination } = await mirrorTo({ sshd: keyOnly, secret: '', transfer }, withAgent(agent.socket))
      expect(report).toMatchObject({ status: 'updated', inSync: true, transfer })
      expect(await differences(source, destination)).toEqual([])
    } finally {
      await agent.stop()
    }
  })

  test.each(['rsa', 'ecdsa'] as const)('signs with a key of type %s', async type => {
    const key = await generateKey(join(temporaryDirectory(), type), type)
    const sshd = await startSshd({ authorizedKeys: [key.publicKey] })
    const agent = await startSshAgent(key.privateKey)
    try {
      expect((await mirrorTo({ sshd, secret: '', transfer: 'relay' }, withAgent(agent.socket))).report).toMatchObject({ inSync: true })
      if (type === 'rsa') expect(sshd.log()).toContain('RSA SHA256:')
    } finally {
      await agent.stop()
      await sshd.stop()
    }
  })

  test('that does not sign with one key is asked for the next one', async () => {
    const agent = await startSshAgent()
    try {
      // Nobody is there to confirm it.
      const first = await generateKey(join(temporaryDirectory(), 'confirmed'), 'ed25519')
      const sshd = await startSshd({ authorizedKeys: [first.publicKey] })
      await agent.add(first.privateKey, '-c')
      await agent.add(sshd.privateKey)
      try {
        expect((await mirrorTo({ sshd, secret: '', transfer: 'relay' }, withAgent(agent.socket))).report).toMatchObject({ inSync: true })
      } finally {
        await sshd.stop()
      }
    } finally {
      await agent.stop()
    }
  })

  test.each<[number, RegExp]>([
    [1, / refused the one key of the SSH agent: ssh-ed25519 SHA256:\S+$/],
    [3, / refused all 3 keys of the SSH agent: (?:ssh-ed25519 SHA256:\S+, ){2}ssh-ed25519 SHA256:\S+$/],
    // After as many sshd ends the connection (MaxAuthTries).
    [7, / refused 6 of the 7 keys of the SSH agent: /],
  ])('with %d keys that do not fit', async (count, message) => {
    const agent = await startSshAgent(...strangers.slice(0, count))
    try {
      // The program that git starts asks the agent as the relay does.
      for (const transfer of TRANSFERS.slice(0, count === 1 ? 2 : 1)) {
        const failure = await failureOf({ sshd: keyOnly, secret: '', transfer }, withAgent(agent.socket))
        expect(failure).toMatchObject({ kind: 'ssh-key-refused', message: expect.stringMatching(message) })
      }
    } finally {
      await agent.stop()
    }
  })

  describe('that is of no use', () => {
    test('without keys', async () => {
      const agent = await startSshAgent()
      try {
        expect(await failureOf({ sshd: keyOnly, secret: '', transfer: 'relay' }, withAgent(agent.socket))).toMatchObject({
          kind: 'ssh-agent-unusable',
          message: `the SSH agent holds no key that can be used: "${agent.socket}"`,
        })
      } finally {
        await agent.stop()
      }
    })

    test.each<[string, (path: string) => void, (typeof TRANSFERS)[number]]>([
      ['nothing is there', () => {}, 'git'],
      ['a file that is no socket', path => writeFileSync(path, ''), 'relay'],
    ])('%s', async (_name, make, transfer) => {
      const socket = join(temporaryDirectory(), 'agent')
      make(socket)
      expect(await failureOf({ sshd: keyOnly, secret: '', transfer }, withAgent(socket))).toMatchObject({
        kind: 'ssh-agent-unusable',
        message: `the SSH agent does not answer: "${socket}"`,
      })
    })

    test('one that was killed', async () => {
      const agent = await startSshAgent(keyOnly.privateKey)
      await agent.stop()
      expect((await failureOf({ sshd: keyOnly, secret: '', transfer: 'relay' }, withAgent(agent.socket))).kind).toBe('ssh-agent-unusable')
    })

    test('one that is silent, and one that speaks something else', async () => {
      const { keysOfAgent } = await import('../../src/ssh/agent.ts')
      for (const words of ['', 'HTTP/1.1 400 Bad Request\r\n\r\n']) {
        const socket = join(temporaryDirectory(), 'agent')
        const listener = createServer(
          one =>
            void one
              .on('error', () => {})
              .resume()
              .write(words),
        ).listen(socket)
        const connected = once(listener, 'connection')
        const error = await keysOfAgent(socket, 300).then(
          () => null,
          (thrown: Failure) => thrown,
        )
        expect(error).toMatchObject({ kind: 'ssh-agent-unusable' })
        // Or the program would never end.
        const [connection] = (await connected) as [Socket]
        if (!connection.closed) await once(connection, 'close')
        listener.close()
      }
    })
  })

  test.each<[string, () => Sshd, () => string, (typeof TRANSFERS)[number]]>([
    ['a key', () => keyOnly, () => keyOnly.privateKey, 'git'],
    ['a password', () => passwordOnly, () => PASSWORD, 'relay'],
  ])('is never asked where there is %s', async (_name, sshd, secret, transfer) => {
    const socket = join(temporaryDirectory(), 'agent')
    let asked = 0
    const listener = createServer(one => {
      asked++
      one.destroy()
    }).listen(socket)
    const { report } = await mirrorTo({ sshd: sshd(), secret: secret(), transfer }, withAgent(socket))
    expect(report).toMatchObject({ inSync: true })
    listener.close()
    expect(asked).toBe(0)
  })

  test('is found by the command line', async () => {
    const agent = await startSshAgent(keyOnly.privateKey)
    const destination = await createBare()
    const [node = '', ...args] = PROGRAM
    const command = [...args, 'mirror', source, keyOnly.url(destination), '--known-host-keys', keyOnly.knownHosts]
    const env = { ...gitEnvironment(), SSH_AUTH_SOCK: agent.socket }
    try {
      expect(await run(node, command, { cwd: '/', env })).toMatchObject({ code: 0 })
      await fsck(destination)
      expect((await refsOf(destination)).size).toBe(1)
    } finally {
      await agent.stop()
    }
    const without = await run(node, command, { cwd: '/', env: gitEnvironment() })
    expect(without).toMatchObject({ code: 3 })
    expect(without.stdout + without.stderr).toContain(
      'is missing; an SSH URL needs a private key, a password, or an SSH agent (the variable SSH_AUTH_SOCK)',
    )
    expect(existsSync(agent.socket)).toBe(false)
  })
})
