import { describe, expect, test } from '@jest/globals'
import { commitsUrl, publicAddress } from '../../src/remote/forge.ts'
import { parseRemoteUrl, RemoteUrl } from '../../src/remote/url.ts'

const commits = (text: string, serverUrl: string | null = null): string | null => {
  const url = parseRemoteUrl(text, { allowInsecureHttp: true })
  if (!(url instanceof RemoteUrl)) throw new Error(url.problem)
  return commitsUrl(url, serverUrl)
}

describe('public forges and hosts named gitlab', () => {
  test.each([
    ['https://github.com/o/r', 'https://github.com/o/r/commit/'],
    ['https://u:p@GitHub.com/o/r.git/', 'https://github.com/o/r/commit/'],
    ['git@github.com:o/r.git', 'https://github.com/o/r/commit/'],
    ['ssh://git@ssh.github.com:443/o/r.git', 'https://github.com/o/r/commit/'],
    ['git@octo.ghe.com:o/r.git', 'https://octo.ghe.com/o/r/commit/'],
    ['git@gitlab.com:a/b/r.git', 'https://gitlab.com/a/b/r/-/commit/'],
    ['ssh://git@altssh.gitlab.com:443/a/r.git', 'https://gitlab.com/a/r/-/commit/'],
    ['ssh://git@gitlab.corp.example:2222/a/r.git', 'https://gitlab.corp.example/a/r/-/commit/'],
    ['https://gitlab.corp.example:8443/a/r', 'https://gitlab.corp.example:8443/a/r/-/commit/'],
    ['http://gitlab.corp.example/a/r', 'http://gitlab.corp.example/a/r/-/commit/'],
    ['git@bitbucket.org:o/r.git', 'https://bitbucket.org/o/r/commits/'],
    ['git@altssh.bitbucket.org:o/r.git', 'https://bitbucket.org/o/r/commits/'],
    ['git://gitlab.corp.example:9418/a/r', 'https://gitlab.corp.example/a/r/-/commit/'],
    ['https://codeberg.org/o/r.git', 'https://codeberg.org/o/r/commit/'],
    ['https://gitea.com/o/r.name.git', 'https://gitea.com/o/r.name/commit/'],
  ])('%s', (text, url) => {
    expect(commits(text)).toBe(url)
  })
})

test.each([
  ['https://u:p@git.example:3000/g/r.git', 'https://git.example:3000/g/r.git'],
  ['http://git.example/r', 'http://git.example/r'],
  ['git@github.com:o/r.git', 'https://github.com/o/r.git'],
  ['ssh://git@altssh.gitlab.com:443/a/b/r', 'https://gitlab.com/a/b/r.git'],
  ['git@github.com:only-one.git', null],
  // Whether these hosts have a web server is unknown.
  ['git@gitlab.example:a/r.git', null],
  ['ssh://git@git.example:2222/a/r.git', null],
  ['/srv/o/r.git', null],
])('anyone may ask for %s at %s', (text, address) => {
  const url = parseRemoteUrl(text, { allowInsecureHttp: true })
  expect(url instanceof RemoteUrl ? publicAddress(url) : url).toBe(address)
})

describe('the forge of the run', () => {
  test.each([
    ['git@ghes.example:o/r.git', 'https://ghes.example', 'https://ghes.example/o/r/commit/'],
    ['ssh://git@GHES.example:2222/o/r.git', 'https://ghes.example/', 'https://ghes.example/o/r/commit/'],
    ['https://git.example:3000/o/r.git', 'https://git.example:3000', 'https://git.example:3000/o/r/commit/'],
    ['http://git.example:3000/gitea/o/r.git', 'http://git.example:3000/gitea/', 'http://git.example:3000/gitea/o/r/commit/'],
    ['git@git.example:o/r.git', 'http://git.example:3000/gitea', 'http://git.example:3000/gitea/o/r/commit/'],
    ['git@github.com:o/r', 'https://github.com', 'https://github.com/o/r/commit/'],
  ])('%s at %s', (text, serverUrl, url) => {
    expect(commits(text, serverUrl)).toBe(url)
  })
})

describe('unknown', () => {
  test.each([
    ['/srv/github.com/o/r', null],
    ['file:///srv/o/r', null],
    ['git@git.example:o/r.git', null],
    ['git@git.example:o/r.git', 'https://other.example'],
    ['git@git.example:o/r.git', 'no url'],
    ['git@git.example:o/r.git', 'javascript://git.example'],
    ['git@git.example:a/b/r.git', 'https://git.example'],
    ['git@notgitlab.example:o/r.git', null],
    ['git@github.com:r.git', null],
    ['git@github.com:a/b/r.git', null],
    ['git@github.com:../r.git', null],
    ['git@github.com:o/r)x', null],
    ['https://bitbucket.org/r', null],
    ['git@gitlab.com:~u/r', null],
  ])('%s at %s', (text, serverUrl) => {
    expect(commits(text, serverUrl)).toBeNull()
  })
})
