import { describe, expect, test } from '@jest/globals'
import { redactUrls } from '../../src/text/redact.ts'
import { mayNotHang } from '../support/hang.ts'

describe('user names and passwords of URLs are replaced', () => {
  test.each([
    ['https://user:tok@host/r', 'https://***@host/r'],
    ['https://tok@host', 'https://***@host'],
    ['https://:tok@host', 'https://***@host'],
    ['https://a:b@c:d@host/r', 'https://***@host/r'],
    ["fatal: unable to access 'https://u:p'\"?#x@host/': 403", "fatal: unable to access 'https://***@host/': 403"],
    ['ssh://git@host:22/r and (http://u:p@[::1]:80/)', 'ssh://***@host:22/r and (http://***@[::1]:80/)'],
    ['HTTPS://u:p@host https://v:q@host', 'HTTPS://***@host https://***@host'],
    ['remote: see https://host/r for u@host', 'remote: see https://host/r for u@host'],
    ['https://host/@scope/a@b', 'https://host/@scope/a@b'],
    ['git@host:o/r.git', 'git@host:o/r.git'],
    ['', ''],
  ])('%s', (text, redacted) => {
    expect(redactUrls(text)).toBe(redacted)
  })
})

describe("Go's form of a URL's user", () => {
  test.each([
    ['{user pass true}', '{***}'],
    ['{tok  false}', '{***}'],
    ['{ pass true}', '{***}'],
    ['{us{er pa}ss true}', '{***}'],
    ['batch: {https  {user pass true} host /r}: 413', 'batch: {https  {***} host /r}: 413'],
    ['a\n&{user pass true}.', 'a\n&{***}.'],
    ['{a {user pass true}', '{a {***}'],
    ['https://u:p@host {u p true} {v q true}', 'https://***@host {***} {***}'],
    ['{"ok": true}', '{"ok": true}'],
    ['{a b c}', '{a b c}'],
  ])('%j', (text, redacted) => {
    expect(redactUrls(text)).toBe(redacted)
  })
})

test('hostile text takes time in proportion to its length', () => {
  const long = 1_000_000
  for (const piece of ['://', '://a', '://a:b', '@', ':', '{', '{a ', '{ ', ' {', ' ', 'a{', 'a b', '{a b ', '\n', 'https://a:b@']) {
    mayNotHang(() => redactUrls(piece.repeat(long / piece.length)))
  }
})
