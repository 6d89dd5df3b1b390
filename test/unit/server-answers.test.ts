import { describe, expect, test } from '@jest/globals'
import { classify } from '../../src/errors/error-table.ts'
import { KINDS, type Kind } from '../../src/errors/kinds.ts'
import { parsePush, remoteLines, withoutEnds } from '../../src/git/porcelain.ts'
import { sshString } from '../../src/keys/public-key.ts'
import { connectionFailure } from '../../src/ssh/connection-failure.ts'
import { statusFailure } from '../../src/transport/http-status.ts'
import { serverFailure } from '../../src/wire/pkt-line.ts'
import { EXPECTED, messageOf } from '../support/server-messages.ts'

// The same messages in the forms in which they come without git: as the answer of a web server, as the report of a push, as an error packet, or as
// the error of an SSH client.

/** What a message ends with where git makes a status of it. */
const STATUS = /The requested URL returned error: (\d{3})|(Authentication failed)|(repository '[^']*' not found)/
const statusOf = (text: string): number => {
  const [, status, refused, missing] = STATUS.exec(text) ?? []
  return status === undefined ? (refused ? 401 : missing ? 404 : 0) : Number(status)
}
const answered = EXPECTED.filter(([id]) => /^remote: /m.test(messageOf(id).text) && statusOf(messageOf(id).text) > 0)

describe('as the answer of a web server', () => {
  test.each(answered)('%s is %s', (id, kind, says) => {
    const { text } = messageOf(id)
    const words = remoteLines(text).join('\n')
    const answer = { status: statusOf(text), contentType: 'text/plain', header: () => null }
    const failure = statusFailure(answer, words, kind !== 'credentials-missing')
    expect(failure.kind).toBe(kind)
    expect(failure.hint).toMatch(says)
    expect(failure.detail).toBe(words)
  })

  test('there are some of each status', () => expect(answered.length).toBeGreaterThan(15))
})

const REJECTED = /^\s*!\s+\[remote rejected\]\s+\S.*?\((.+)\)\s*$/m
const reported = EXPECTED.filter(([id]) => REJECTED.test(messageOf(id).text))

describe('as the report of a push', () => {
  test.each(reported)('%s is %s', (id, kind, says) => {
    const { text } = messageOf(id)
    const [line] = parsePush(`!\trefs/heads/a:refs/heads/a\t[remote rejected] (${REJECTED.exec(text)?.[1]})`)
    if (line?.result !== 'refused') throw new Error(`a refusal is ${line?.result}`)
    const words = withoutEnds(remoteLines(text))
    const row = classify([line.reason, ...words].join('\n'))
    // Old servers named the hidden ref only in a line that git itself writes for every hook.
    if (id === 'github-pull-refs-hook-old') return expect(row?.kind).toBe('hook-declined')
    expect(row?.kind).toBe(kind)
    expect(row?.hint ?? KINDS[kind].hint).toMatch(says)
  })

  test('there are many', () => expect(reported.length).toBeGreaterThan(20))
})

const packets = EXPECTED.filter(([id]) => /^(?:remote: )?(?:ERROR|Forgejo|fatal: remote error): /m.test(messageOf(id).text))

describe('as an error packet', () => {
  test.each(packets)('%s is %s', (id, kind, says) => {
    const line =
      messageOf(id)
        .text.split('\n')[0]
        ?.replace(/^(?:remote: )?(?:fatal: remote error: |ERROR: )?/, '') ?? ''
    expect(serverFailure(line)).toMatchObject({ kind, hint: expect.stringMatching(says) })
  })
})

describe('as an error of the SSH client', () => {
  const stage = { destination: 'git@h', phase: 'connection', limitMs: 30_000, remarks: [], greeting: '', refusal: () => null } as const
  test.each<[string, Kind]>([
    ['Handshake failed: no matching key exchange algorithm', 'ssh-algorithms'],
    ['Handshake failed: no matching C->S cipher', 'ssh-algorithms'],
    ['Keepalive timeout', 'timed-out'],
    ['Invalid identification string', 'remote-error'],
    ['Connection lost before handshake', 'connection-lost'],
    ['The project you were looking for could not be found', 'repository-not-found'],
    ['read ECONNRESET', 'connection-lost'],
  ])('%s is %s', (text, kind) => expect(connectionFailure(new Error(text), stage)).toMatchObject({ kind, detail: text }))

  test('a host that is not found may be an alias of ~/.ssh/config', () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND work'), { code: 'ENOTFOUND' })
    const hint = expect.stringMatching(/`~\/\.ssh\/config` is not read: for one of its aliases, give host, port and user in the URL/)
    expect(connectionFailure(error, stage)).toMatchObject({ kind: 'host-not-found', hint })
  })

  test('the offer of a server of OpenSSH 10 is reported without the markers in its list; a list that is cut or untrue is not reported', () => {
    const names = ['mlkem768x25519-sha256,sntrup761x25519-sha512,ext-info-s,kex-strict-s-v00@openssh.com', ...Array<string>(9).fill('none')]
    const lists = names.map(list => sshString(Buffer.from(list)))
    const payload = Buffer.concat([Buffer.from([20]), Buffer.alloc(16), ...lists, Buffer.alloc(5)])
    const head = Buffer.from([0, 0, 0, 0, 4])
    head.writeUInt32BE(payload.length + 5)
    const greeting = `hello\r\nSSH-2.0-OpenSSH_10.0\r\n${Buffer.concat([head, payload, Buffer.alloc(4)]).toString('latin1')}`
    const failureAfter = (text: string) =>
      connectionFailure(new Error('Handshake failed: no matching key exchange algorithm'), { ...stage, greeting: text })
    expect(failureAfter(greeting)).toMatchObject({
      message: 'the server offers no key exchange that is supported here, only mlkem768x25519-sha256, sntrup761x25519-sha512: "git@h"',
      hint: expect.stringMatching(/^post-quantum key exchange alone is not supported: let the server also offer `curve25519-sha256`/),
    })
    const lies = greeting.replace(head.toString('latin1'), '\0\0\0\x01\xff')
    for (const text of [greeting.slice(0, 60), lies])
      expect(failureAfter(text).message).toBe('the server offers no key exchange that is supported here: "git@h"')
  })
})
