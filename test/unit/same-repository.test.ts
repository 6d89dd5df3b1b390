import { describe, expect, test } from '@jest/globals'
import { isRepositoryOfRun, isSameRepository, type RepositoryAddress } from '../../src/remote/same-repository.ts'
import { parseRemoteUrl } from '../../src/remote/url.ts'

function place(text: string): RepositoryAddress {
  const url = parseRemoteUrl(text, { allowInsecureHttp: true })
  if ('problem' in url) throw new Error(url.problem)
  return url
}

describe('two URLs name the same repository', () => {
  test.each<[boolean, string, string]>([
    [true, 'https://github.com/o/r', 'https://GitHub.com/O/R.git/'],
    [true, 'https://github.com/o/r.git', 'git@github.com:o/r.git'],
    [true, 'ssh://git@ssh.github.com:443/o/r.git', 'https://user@github.com/o/r'],
    [true, 'git@gitlab.example.com:a/b/c.git', 'https://gitlab.example.com/a/b/c'],
    [false, 'https://github.com/o/r', 'https://github.com/o/r2'],
    [false, 'https://github.com/o/r', 'https://gitlab.com/o/r'],
    [true, 'https://h.example/g/p', 'https://h.example:443/g/p.git'],
    [false, 'https://h.example/g/p', 'https://h.example:8443/g/p'],
    [false, 'https://h.example/g/p', 'https://h.example/G/P'],
    // What is at the end of an ssh path on a plain server is not what its web server hands out.
    [false, 'ssh://git@h.example/g/p', 'https://h.example/g/p'],
    [true, 'ssh://git@h.example/srv/p.git', 'ssh://git@h.example:22/srv/p'],
    [true, 'ssh://a@h.example/srv/p.git', 'ssh://b@h.example/srv/p.git'],
    [false, 'a@h.example:p.git', 'b@h.example:p.git'],
    [true, 'git://h.example/g/p', 'git://h.example:9418/g/p.git'],
    [false, 'git://h.example/g/p', 'ssh://git@h.example/g/p'],
    [false, 'git://h.example/g/p', 'https://h.example/g/p'],
    [true, 'file:///srv/p', '/srv/p/'],
    [false, '/srv/p', '/srv/p.git'],
    [false, '/srv/p', 'ssh://git@h.example/srv/p'],
  ])('%s: %s and %s', (expected, one, other) => {
    expect(isSameRepository(place(one), place(other))).toBe(expected)
    expect(isSameRepository(place(other), place(one))).toBe(expected)
  })
})

describe('a URL leads to the repository of the run', () => {
  test.each<[boolean, string, string]>([
    [true, 'https://github.com/O/R.git', 'https://github.com'],
    [true, 'git@github.com:o/r', 'https://github.com'],
    [true, 'ssh://git@ssh.github.com:443/o/r.git', 'https://github.com'],
    [true, 'ssh://git@git.corp.example:2222/o/r.git', 'https://git.corp.example'],
    [true, 'http://git.corp.example:3000/o/r', 'http://git.corp.example:3000/'],
    [true, 'https://git.corp.example/gitea/o/r', 'https://git.corp.example/gitea'],
    [false, 'https://git.corp.example/o/r', 'https://git.corp.example/gitea'],
    [false, 'https://git.corp.example:8443/o/r', 'https://git.corp.example'],
    [false, 'https://github.com/o/r', 'https://github.corp.example'],
    [false, 'https://github.com/o/r2', 'https://github.com'],
    [false, 'git@github.com:x/o/r', 'https://github.com'],
    [false, '/srv/o/r', 'https://github.com'],
    [false, 'https://github.com/o/r', 'no URL'],
  ])('%s: %s on %s', (expected, url, serverUrl) => expect(isRepositoryOfRun(place(url), 'o/r', serverUrl)).toBe(expected))
})
