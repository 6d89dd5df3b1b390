import { describe, expect, test } from '@jest/globals'
import { type Access, type KeyPlace, keyPlace } from '../../src/remote/deploy-keys.ts'
import { parseRemoteUrl } from '../../src/remote/url.ts'

const place = (text: string, access: Access = 'write', serverUrl: string | null = null): KeyPlace => {
  const url = parseRemoteUrl(text, { allowInsecureHttp: true })
  if ('problem' in url) throw new Error(url.problem)
  return keyPlace(url, access, { serverUrl, username: url.user ?? 'git' })
}

describe('the page where a key is registered', () => {
  test.each([
    ['git@github.com:o/r.git', 'https://github.com/o/r/settings/keys/new'],
    ['ssh://git@ssh.github.com:443/o/r.git', 'https://github.com/o/r/settings/keys/new'],
    ['https://github.com/o/r', 'https://github.com/o/r/settings/keys/new'],
    ['git@octo.ghe.com:o/r.git', 'https://octo.ghe.com/o/r/settings/keys/new'],
    ['git@constructor:o/r.git', null],
    ['git@gitlab.com:a/b/r.git', 'https://gitlab.com/a/b/r/-/settings/repository#js-deploy-keys-settings'],
    ['ssh://git@altssh.gitlab.com:443/a/r.git', 'https://gitlab.com/a/r/-/settings/repository#js-deploy-keys-settings'],
    ['ssh://git@gitlab.corp.example:2222/a/r.git', 'https://gitlab.corp.example/a/r/-/settings/repository#js-deploy-keys-settings'],
    ['git@my-gitlab.example:a/r.git', 'https://my-gitlab.example/a/r/-/settings/repository#js-deploy-keys-settings'],
    ['https://gitlab.corp.example:8443/a/r', 'https://gitlab.corp.example:8443/a/r/-/settings/repository#js-deploy-keys-settings'],
    ['git@codeberg.org:o/r.git', 'https://codeberg.org/o/r/settings/keys'],
    ['git@gitea.com:o/r.git', 'https://gitea.com/o/r/settings/keys'],
    ['ssh://git@git.gitea.example:2222/o/r.git', 'https://git.gitea.example/o/r/settings/keys'],
    ['git@forgejo.example:o/r.git', 'https://forgejo.example/o/r/settings/keys'],
    ['git@bitbucket.org:o/r.git', 'https://bitbucket.org/account/settings/ssh-keys/'],
    ['ssh://git@code.example:7999/PROJ/r.git', 'https://code.example/plugins/servlet/ssh/projects/PROJ/repos/r/keys'],
    ['ssh://git@bitbucket.corp.example/~me/r.git', 'https://bitbucket.corp.example/plugins/servlet/ssh/projects/~me/repos/r/keys'],
    ['https://bitbucket.corp.example/scm/proj/r.git', 'https://bitbucket.corp.example/plugins/servlet/ssh/projects/proj/repos/r/keys'],
    ['git@ssh.dev.azure.com:v3/org/project/r', 'https://dev.azure.com/org/_usersSettings/keys'],
    ['ssh://git@ssh.dev.azure.com/v3/org/my%20project/r', 'https://dev.azure.com/org/_usersSettings/keys'],
    ['https://dev.azure.com/org/project/_git/r', 'https://dev.azure.com/org/_usersSettings/keys'],
    ['git@git.example:o/r.git', null],
    ['ssh://git@[::1]:7999/o/r.git', null],
    ['git@notgitlab.example:o/r.git', null],
    ['git@github.com:r.git', null],
    ['git@github.com:o/r)x', null],
    ['git@gitlab.com:../r', null],
  ])('%s', (text, page) => {
    expect(place(text).page).toBe(page)
  })

  test.each([
    ['git@ghes.example:o/r.git', 'https://ghes.example', 'https://ghes.example/o/r/settings/keys'],
    ['ssh://git@git.example:2222/o/r.git', 'http://git.example:3000/gitea/', 'http://git.example:3000/gitea/o/r/settings/keys'],
    ['http://git.example:3000/gitea/o/r.git', 'http://git.example:3000/gitea/', 'http://git.example:3000/gitea/o/r/settings/keys'],
    ['git@github.com:o/r.git', 'https://github.com', 'https://github.com/o/r/settings/keys/new'],
    ['git@git.example:o/r.git', 'https://other.example', null],
    ['git@git.example:o/r.git', 'javascript://git.example', null],
    ['git@git.example:o/r.git', 'no url', null],
  ])('%s, where the run is at %s', (text, serverUrl, page) => {
    expect(place(text, 'write', serverUrl).page).toBe(page)
  })

  test('to read from Bitbucket an access key of the repository will do, to write there it will not', () => {
    expect(place('git@bitbucket.org:o/r.git', 'read').page).toBe('https://bitbucket.org/o/r/admin/access-keys/')
    expect(place('git@bitbucket.org:o/r.git', 'write').advice).toContain('the access keys of a repository can only read')
  })
})

test.each([
  ['git@github.com:o/r.git', 'add it as a deploy key, with “Allow write access”', 'add it as a deploy key; it need not write'],
  [
    'git@gitlab.com:o/r.git',
    'add it as a deploy key, with “Grant write permissions to this key”',
    'add it as a deploy key; it need not write',
  ],
  ['git@codeberg.org:o/r.git', 'add it as a deploy key, with “Enable Write Access”', 'add it as a deploy key; it need not write'],
  [
    'ssh://git@code.example:7999/P/r.git',
    'add it as an access key with the permission “Read / Write”',
    'add it as an access key with the permission “Read”',
  ],
  [
    'ssh://bot@git.example:2222/srv/r.git',
    'add it to `~/.ssh/authorized_keys` of "bot" at "git.example", or, where a forge runs there, as a deploy key with write access',
    'add it to `~/.ssh/authorized_keys` of "bot" at "git.example", or, where a forge runs there, as a deploy key which need not write',
  ],
  ['https://git.example/o/r', 'add it as a deploy key, with write access', 'add it as a deploy key, which need not write'],
])('what to do at %s', (text, write, read) => {
  expect(place(text, 'write').advice).toBe(write)
  expect(place(text, 'read').advice).toBe(read)
})

test('Azure DevOps is said to take RSA keys alone', () => {
  expect(place('git@ssh.dev.azure.com:v3/o/p/r').advice).toContain('it must be an RSA key')
})
