import { describe, expect, test } from '@jest/globals'
import { findSecrets } from '../support/secret-forms.ts'

const TOKEN = 'tok+aB3/ü=&x9'
const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nQyNTUxOQAAACD0x\n-----END OPENSSH PRIVATE KEY-----\n'

describe('a secret is found', () => {
  test.each([
    ['as it is', `a\nb ${TOKEN} c`, TOKEN],
    ['URL-encoded', `https://x:${encodeURIComponent(TOKEN)}@host`, TOKEN],
    ['in a form', new URLSearchParams({ a: TOKEN }).toString(), TOKEN],
    ['in base64', Buffer.from(TOKEN).toString('base64'), TOKEN],
    ...['u:', 'me:', 'you:', 'bots:'].map(user => [`in base64 after "${user}"`, Buffer.from(user + TOKEN).toString('base64'), TOKEN]),
    ['in base64url', Buffer.from(`${TOKEN}~~~`).toString('base64url'), TOKEN],
    ['one line of it', 'x Qy' + 'NTUxOQAAACD0x', KEY],
    ['with escaped line breaks', KEY.trim().replaceAll('\n', '\\n'), KEY],
  ])('%s', (_, text = '', secret = '') => {
    expect(findSecrets(text, [secret])).not.toEqual([])
  })
})

describe('nothing is found', () => {
  test.each([
    ['in a text without it', 'up to date', TOKEN],
    ["in a key's first line", 'expected -----BEGIN OPENSSH PRIVATE KEY-----', KEY],
    ['of a secret that is too short to tell', 'a wrong token', 'wrong'],
    ['of an empty secret', 'text', ' \n'],
  ])('%s', (_, text, secret) => {
    expect(findSecrets(text, [secret])).toEqual([])
  })
})

test('the line is named', () => {
  expect(findSecrets(`one\ntwo ${TOKEN}`, ['another one', TOKEN])).toEqual(['line 2: "tok+aB3/ü=&x"…'])
})
