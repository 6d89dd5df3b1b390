import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { parseSshSession, serializeSshSession } from '../../src/session/ssh-session.ts'
import { allowedCommand } from '../../src/ssh/allowed-command.ts'
import { parseSshCommandLine } from '../../src/ssh/command-line.ts'

const NOTHING = { family: null, username: null, port: null, sendEnv: [], command: '' }

describe('arguments', () => {
  test.each([
    [['host', "git-upload-pack '/a b'"], { host: 'host', command: "git-upload-pack '/a b'" }],
    [
      ['-o', 'SendEnv=GIT_PROTOCOL', '-p', '2222', 'git@host', 'git-receive-pack'],
      { host: 'host', username: 'git', port: 2222, sendEnv: ['GIT_PROTOCOL'], command: 'git-receive-pack' },
    ],
    [['-4', '-oSendEnv=A B', '-p22', 'h', 'x'], { family: 4, host: 'h', port: 22, sendEnv: ['A', 'B'], command: 'x' }],
    [['-6T', '-o', 'sendenv GIT_PROTOCOL', '::1', 'x'], { family: 6, host: '::1', sendEnv: ['GIT_PROTOCOL'], command: 'x' }],
    [['-l', 'me', 'h', 'x'], { host: 'h', username: 'me', command: 'x' }],
    [['-T', '--', '[::1]', 'x', '-y', 'z'], { host: '::1', command: 'x -y z' }],
    [
      ['-oControlMaster=yes', '-oControlPath=/tmp/s', 'a@b@h', 'git-lfs-authenticate', 'p', 'upload'],
      { host: 'h', username: 'a@b', command: 'git-lfs-authenticate p upload' },
    ],
    [['h'], { host: 'h' }],
  ])('%j', (argv, expected) => {
    expect(parseSshCommandLine(argv)).toEqual({ ...NOTHING, ...expected })
  })

  test.each([
    [['-x', 'h', 'c'], 'unknown option "-x"'],
    [['-', 'h', 'c'], 'unknown option "--"'],
    [['-Tv', 'h', 'c'], 'unknown option "-v"'],
    [['--help'], 'unknown option "--"'],
    [['-o', 'ProxyCommand=touch /tmp/x', 'h', 'c'], 'unknown setting "-o ProxyCommand=touch /tmp/x"'],
    [['-o', 'SendEnv', 'h', 'c'], 'unknown setting "-o SendEnv"'],
    [['-p', '0', 'h', 'c'], 'port "0"'],
    [['-p65536', 'h', 'c'], 'port "65536"'],
    [['-p', 'x', 'h', 'c'], 'port "x"'],
    [['-p'], 'no value after "-p"'],
    [['-T'], 'no host'],
    [['git@', 'c'], 'no host'],
    [[], 'no host'],
  ])('refused: %j', (argv, expected) => {
    expect(() => parseSshCommandLine(argv)).toThrow(new Failure('internal', `${expected} in the arguments of the ssh program`))
  })
})

describe('session file', () => {
  const session = {
    host: 'h',
    port: null,
    username: 'git',
    secret: 'secret key',
    agentSocket: null,
    passphrase: null,
    knownHostKeys: '',
    failureFile: '/f',
    notesFile: null,
  }

  test('comes back as it was', () => {
    expect(parseSshSession(serializeSshSession(session))).toEqual(session)
    const other = { ...session, port: 2222, passphrase: 'p' }
    expect(parseSshSession(serializeSshSession(other))).toEqual(other)
  })

  test.each([
    ['', 'null', '[]', '"secret key"', '{"secret":"secret key"'],
    Object.keys(session).map(name => JSON.stringify({ ...session, [name]: undefined })),
    Object.keys(session).map(name => JSON.stringify({ ...session, [name]: true })),
  ])('is refused when it is not whole, without its text', (...texts) => {
    for (const text of texts) {
      expect(() => parseSshSession(text)).toThrow(new Failure('internal', 'the session file of the ssh program is not whole'))
    }
  })
})

describe('commands that may run on the server', () => {
  test.each([
    "git-upload-pack '/srv/p.git'",
    "git-receive-pack 'it'\\''s a p'\\!'.git'",
    "git-upload-pack '/$(touch x);`y`'",
    'git-lfs-authenticate /srv/p.git download',
    'git-lfs-transfer ~/p+q@r.git upload',
    'git-lfs-authenticate g/p download',
  ])('as it is: %s', command => {
    expect(allowedCommand(command)).toBe(command)
  })

  test.each([
    ['git-lfs-authenticate /srv/a b.git download', "git-lfs-authenticate '/srv/a b.git' download"],
    ['git-lfs-transfer /$(touch$IFS/x) upload', "git-lfs-transfer '/$(touch$IFS/x)' upload"],
    ["git-lfs-transfer x';touch x;' upload", "git-lfs-transfer 'x'\\'';touch x;'\\''' upload"],
    ['git-lfs-transfer ~ada/a b upload', "git-lfs-transfer ~ada/'a b' upload"],
    ['git-lfs-transfer ~$(x)/a upload', "git-lfs-transfer '~$(x)/a' upload"],
    ['git-lfs-authenticate /a upload download', "git-lfs-authenticate '/a upload' download"],
    ['git-lfs-authenticate /a\nid download', "git-lfs-authenticate '/a\nid' download"],
  ])('quoted: %s', (command, allowed) => {
    expect(allowedCommand(command)).toBe(allowed)
  })

  test.each([
    '',
    'id',
    "git-upload-pack '/a' ; id",
    "git-upload-pack '/a'\nid",
    "git-upload-pack ''a'",
    'git-upload-pack /a',
    "git-upload-archive '/a'",
    'git-lfs-authenticate /a',
    'git-lfs-authenticate /a download; id',
    'git-lfs-authenticate -x download',
    'git-lfs-transfer /a download\n',
  ])('refused: %j', command => {
    expect(() => allowedCommand(command)).toThrow(new Failure('internal', 'git asked for a command that is not its own'))
  })
})
