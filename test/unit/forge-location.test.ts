import { describe, expect, test } from '@jest/globals'
import { locateForge } from '../../src/forge/location.ts'
import { parseRemoteUrl } from '../../src/remote/url.ts'

const locate = (text: string, apiUrl: string | null = null) => {
  const url = parseRemoteUrl(text, { allowInsecureHttp: true })
  if ('problem' in url) throw new Error(url.problem)
  const found = locateForge(url, apiUrl)
  return found === null ? null : `${found.kind} ${found.base} ${found.repository}`
}

describe('locateForge', () => {
  test.each([
    ['https://github.com/o/r.git', null, 'github https://api.github.com o/r'],
    ['https://github.com/o/r', 'https://api.github.com', 'github https://api.github.com o/r'],
    ['https://octo.ghe.com/o/r.git', null, 'github https://api.octo.ghe.com o/r'],
    ['https://ghe.example.com/o/r.git', 'https://ghe.example.com/api/v3', 'github https://ghe.example.com/api/v3 o/r'],
    ['https://ghe.example.com:8443/o/r.git', 'https://ghe.example.com:8443/api/v3/', 'github https://ghe.example.com:8443/api/v3 o/r'],
    ['https://gitlab.com/a/b/c.git', null, 'gitlab https://gitlab.com/api/v4 a/b/c'],
    ['https://code.example.com/git/a/b/c.git', 'https://code.example.com/git/api/v4', 'gitlab https://code.example.com/git/api/v4 a/b/c'],
    ['https://codeberg.org/o/r.git', null, 'gitea https://codeberg.org/api/v1 o/r'],
    ['https://example.com/gitea/o/r.git', 'https://example.com/gitea/api/v1', 'gitea https://example.com/gitea/api/v1 o/r'],
    // The token goes to no other host, and nowhere in clear text.
    ['https://example.com/o/r.git', 'https://elsewhere.example/api/v1', null],
    ['https://example.com/o/r.git', 'http://example.com/api/v1', null],
    ['https://example.com/o/r.git', 'https://example.com:444/api/v1', null],
    ['https://example.com/other/o/r.git', 'https://example.com/gitea/api/v1', null],
    ['https://example.com/o/r.git', null, null],
    ['https://github.com/o/r/x.git', null, null],
    ['ssh://git@github.com/o/r.git', null, null],
    ['file:///o/r', null, null],
    // Neither a path elsewhere in the API, nor a query of its own.
    ['https://gitlab.com/o/%2e%2e/user', null, null],
    ['https://github.com/o/r%3Fx=1', null, null],
    ['https://github.com/o/r%23x', null, null],
  ])('%s, %s: %s', (url, apiUrl, expected) => expect(locate(url, apiUrl)).toBe(expected))
})
