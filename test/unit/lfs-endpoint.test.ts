// git-lfs itself says where it would go (`git lfs env`), and git how a file in its syntax is read.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { followLfsConfig, readLfsConfig } from '../../src/lfs/lfs-config.ts'
import { endpointOf } from '../../src/remote/lfs-endpoint.ts'
import { parseRemoteUrl, RemoteUrl } from '../../src/remote/url.ts'
import { createScratch, git } from '../support/git-repository.ts'

const read = (text: string, windows = false): RemoteUrl => {
  const url = parseRemoteUrl(text, { allowInsecureHttp: true, windows })
  if (!(url instanceof RemoteUrl)) throw new Error(url.problem)
  return url
}

let scratch = ''
beforeAll(async () => {
  scratch = await createScratch()
})

interface Endpoint {
  readonly url: string | undefined
  /** `user@host:path`, as handed to the ssh program. */
  readonly ssh: string | undefined
}

async function envOf(...config: readonly string[]): Promise<Endpoint> {
  const { stdout } = await git(scratch, [...config.flatMap(entry => ['-c', entry]), 'lfs', 'env'])
  return { url: /^Endpoint=(.*) \(auth=/m.exec(stdout)?.[1], ssh: /^ {2}SSH=(.*)$/m.exec(stdout)?.[1] }
}

describe('the endpoint of a repository', () => {
  test.each([
    ['https://git.example.com/g/p.git', 'https://git.example.com/g/p.git/info/lfs'],
    ['https://git.example.com/g/p', 'https://git.example.com/g/p.git/info/lfs'],
    ['https://git.example.com/g/p.git/', 'https://git.example.com/g/p.git/info/lfs'],
    ['https://git.example.com/g/p/', 'https://git.example.com/g/p.git/info/lfs'],
    ['https://git.example.com/g/p//', 'https://git.example.com/g/p/.git/info/lfs'],
    ['https://git.example.com:8443/g%20h/p.github', 'https://git.example.com:8443/g%20h/p.github.git/info/lfs'],
    ['https://git.example.com/.git', 'https://git.example.com/.git/info/lfs'],
    ['https://[::1]:8443/p', 'https://[::1]:8443/p.git/info/lfs'],
    ['http://127.0.0.1:8080/p.git', 'http://127.0.0.1:8080/p.git/info/lfs'],
    ['git://git.example.com/g/p', 'https://git.example.com/g/p.git/info/lfs'],
    ['file:///srv/a%20b/p.git', 'file:///srv/a%20b/p.git'],
    ['file:///srv/p.git/', 'file:///srv/p.git'],
  ])('%s', async (text, endpoint) => {
    expect(endpointOf(read(text), null)).toBe(endpoint)
    expect(await envOf(`remote.origin.url=${text}`)).toMatchObject({ url: endpoint })
    expect(await envOf(`lfs.url=${endpoint}`)).toMatchObject({ url: endpoint })
  })

  test('of git:// is at the usual port of https, and not at that of the daemon', () => {
    expect(endpointOf(read('git://[::1]:9419/~u/p.git'), null)).toBe('https://[::1]/~u/p.git/info/lfs')
  })

  test('has no credentials', () => {
    expect(endpointOf(read('https://ada:s3cret@git.example.com/p'), null)).toBe('https://git.example.com/p.git/info/lfs')
    expect(endpointOf(read('ssh://git:s3cret@git.example.com/p'), null)).toBe('ssh://git@git.example.com/p')
  })

  // git-lfs derives the same user, host and path from the endpoint as from the URL of the remote.
  test.each([
    ['ssh://git@git.example.com/g/p.git', 'ssh://git@git.example.com/g/p.git', 'git@git.example.com:/g/p.git'],
    ['ssh://git.example.com:2222/g/p', 'ssh://git.example.com:2222/g/p', 'git.example.com:/g/p'],
    ['ssh://a%40b@git.example.com/p', 'ssh://a%40b@git.example.com/p', 'a@b@git.example.com:/p'],
    ['ssh://git@git.example.com/a%20b%25', 'ssh://git@git.example.com/a%20b%25', 'git@git.example.com:/a b%'],
    ['git@git.example.com:g/p.git', 'git@git.example.com:g/p.git', 'git@git.example.com:g/p.git'],
    ['git.example.com:g/p.git', 'git.example.com:g/p.git', 'git.example.com:g/p.git'],
    ['127.0.0.1:g/p.git', '127.0.0.1:g/p.git', '127.0.0.1:g/p.git'],
    ['git@git.example.com:~/p.git', 'git@git.example.com:~/p.git', 'git@git.example.com:~/p.git'],
    ['[git@git.example.com:2222]:g/p', '[git@git.example.com:2222]:g/p', 'git@git.example.com:g/p'],
  ])('%s', async (text, endpoint, ssh) => {
    expect(endpointOf(read(text), null)).toBe(endpoint)
    expect(await envOf(`remote.origin.url=${text}`)).toMatchObject({ ssh })
    expect(await envOf(`lfs.url=${endpoint}`)).toMatchObject({ ssh })
  })

  // Here git-lfs would go elsewhere than git, by the URL of the remote.
  test.each([
    ['ssh://git@git.example.com/~/p.git', 'git@git.example.com:~/p.git', 'git@git.example.com:~/p.git'],
    ['ssh://git@git.example.com:22/~ada/p.git', '[git@git.example.com:22]:~ada/p.git', 'git@git.example.com:~ada/p.git'],
    ['git@git.example.com:/srv/p.git', 'ssh://git@git.example.com/srv/p.git', 'git@git.example.com:/srv/p.git'],
    ['git@git.example.com:a:b/100% c.git', 'git@git.example.com:a%3Ab/100%25%20c.git', 'git@git.example.com:a:b/100% c.git'],
  ])('%s, as git reads it', async (text, endpoint, ssh) => {
    expect(endpointOf(read(text), null)).toBe(endpoint)
    expect(await envOf(`lfs.url=${endpoint}`)).toMatchObject({ ssh })
  })

  test('a local path', async () => {
    expect(endpointOf(read('/srv/a b/p.git/'), null)).toBe('file:///srv/a%20b/p.git')
    expect(endpointOf(read('C:\\srv\\p.git', true), null)).toBe('file:///C:/srv/p.git')
    expect(await envOf('remote.origin.url=file:///srv/a%20b/p.git')).toMatchObject({ url: 'file:///srv/a%20b/p.git' })
  })

  test.each([
    ['https://lfs.example.com/store', 'https://lfs.example.com/store'],
    ['https://ada:s3cret@lfs.example.com/store/', 'https://lfs.example.com/store/'],
    ['ssh://git@git.example.com/g/p', 'ssh://git@git.example.com/g/p'],
  ])('%s, configured, stays as it is', (text, endpoint) => {
    expect(endpointOf(read('https://git.example.com/p'), read(text))).toBe(endpoint)
  })
})

const CONFIGS: readonly (readonly [what: string, text: string, url: string | null])[] = [
  ['nothing', '', null],
  ['the usual', '[lfs]\n\turl = https://lfs.example.com/p\n', 'https://lfs.example.com/p'],
  ['any case', '[LFS]\nUrl=https://lfs.example.com/p', 'https://lfs.example.com/p'],
  ['on one line', '[lfs] url = https://lfs.example.com/p', 'https://lfs.example.com/p'],
  ['line ends of Windows', '\ufeff[lfs]\r\n\turl = https://a/p\r\n', 'https://a/p'],
  ['the last of two', '[lfs]\nurl = https://a/p\nurl = https://b/p\n', 'https://b/p'],
  ['two sections', '[lfs]\nurl = https://a/p\n[core]\nurl = x\n[lfs]\nurl = https://b/p\n', 'https://b/p'],
  ['quotes', '[lfs]\nurl = "https://a/p;x # y"\n', 'https://a/p;x # y'],
  ['quotes in the middle', '[lfs]\nurl = https://"a/p"\n', 'https://a/p'],
  ['a comment behind it', '[lfs]\nurl = https://a/p # https://b/p\n', 'https://a/p'],
  ['another comment behind it', '[lfs]\nurl = https://a/p; x\\\n', 'https://a/p'],
  ['a line of comment', '# [lfs]\n[lfs]\n; url = https://a/p\n', null],
  ['blanks inside', '[lfs]\nurl =  a  b \t\n', 'a  b'],
  ['a line that goes on', '[lfs]\nurl = https://a/\\\np\n', 'https://a/p'],
  ['a line of Windows that goes on', '[lfs]\r\nurl = https://a/\\\r\np\r\n', 'https://a/p'],
  ['another key before any section', 'x = y\n[lfs]\nurl = https://a/p\n', 'https://a/p'],
  ['escapes', '[lfs]\nurl = a\\\\b\\"c\\td\n', 'a\\b"c\td'],
  ['an unknown escape', '[lfs]\nurl = a\\xb\n', null],
  ['a quote that does not end', '[lfs]\nurl = "https://a/p\n', null],
  ['a mistake further down', '[lfs]\nurl = https://a/p\n[core\n', null],
  ['a key before any section', 'url = https://a/p\n', null],
  ['a key with a line below', '[lfs]\nurl_x = https://a/p\n', null],
  ['a comment in the place of `=`', '[lfs]\nurl # = https://a/p\n', null],
  ['a key without a value', '[lfs]\nurl = https://a/p\nurl\n', 'https://a/p'],
  ['an empty value', '[lfs]\nurl = https://a/p\nurl =\n', ''],
  ['a subsection', '[lfs "x"]\nurl = https://a/p\n', null],
  ['a section that only begins so', '[lfsx]\nurl = https://a/p\n', null],
  ['a line end in a section', '[lfs\n]\nurl = https://a/p\n', null],
  ['for uploads alone', '[lfs]\npushurl = https://a/p\nfetchurl = https://b/p\n', null],
]

describe('the URL in a .lfsconfig', () => {
  test.each(CONFIGS)('%s', async (_, text, url) => {
    expect(readLfsConfig(text)).toBe(url)
    const file = join(scratch, 'read.config')
    writeFileSync(file, text)
    const listed = await git(scratch, ['config', '--file', file, '--list'], { allowFailure: true })
    // As git-lfs reads it: with git, each value on its line, and not at all where git finds a mistake.
    const values = listed.code === 0 ? listed.stdout.split('\n').flatMap(line => /^lfs\.url=(.*)$/.exec(line)?.[1] ?? []) : []
    expect(values.at(-1) ?? null).toBe(url)
  })

  test.each([
    ['[remote "origin"]\nlfsurl = https://a/p\n', 'https://a/p'],
    ['[remote.origin]\nlfsurl = https://a/p\n', 'https://a/p'],
    ['[remote "origin"]\nlfsurl = https://a/p\n[lfs]\nurl = https://b/p\n', 'https://b/p'],
    ['[lfs]\nurl = https://b/p\n[remote "or\\igin"]\nlfsurl = https://a/p\n', 'https://b/p'],
  ])('the one of a clone: %j', async (text, url) => {
    expect(readLfsConfig(text)).toBe(url)
    const repository = await createScratch()
    writeFileSync(join(repository, '.lfsconfig'), text)
    const { stdout } = await git(repository, ['-c', 'remote.origin.url=https://git.example.com/p', 'lfs', 'env'])
    expect(stdout).toContain(`Endpoint=${url} (auth=none)`)
  })

  test.each([
    ['[remote "Origin"]\nlfsurl = https://a/p\n'],
    ['[remote "upstream"]\nlfsurl = https://a/p\n'],
    ['[remote "origin"]\nurl = https://a/p\n'],
  ])('none of another remote: %j', text => expect(readLfsConfig(text)).toBeNull())
})

describe('what may be made of it', () => {
  const HTTPS = 'https://git.example.com/g/p.git'
  const SSH = 'ssh://git@git.example.com:2222/g/p.git'
  test.each([
    [HTTPS, 'https://git.example.com/other/store', 'same-host'],
    [HTTPS, 'https://git.example.com:443/g/p', 'same-host'],
    [HTTPS, 'https://GIT.example.com/g/p', 'same-host'],
    [HTTPS, 'https://ada:s3cret@git.example.com/g/p', 'same-host'],
    ['https://git.example.com:8443/p', 'https://git.example.com:8443/p', 'same-host'],
    ['http://git.example.com/p', 'http://git.example.com/p', 'same-host'],
    [HTTPS, 'https://git.example.com:8443/g/p', 'other-host'],
    [HTTPS, 'https://evil.example.com/g/p', 'other-host'],
    [HTTPS, 'https://git.example.com.evil.example/g/p', 'other-host'],
    [HTTPS, 'https://git.example.com@evil.example/g/p', 'other-host'],
    [HTTPS, 'http://git.example.com/g/p', 'other-host'],
    [HTTPS, 'http://git.example.com:443/g/p', 'other-host'],
    ['http://git.example.com/p', 'https://git.example.com/p', 'other-host'],
    [HTTPS, 'ssh://git@git.example.com/g/p', 'unusable'],
    [HTTPS, 'ssh://git@evil.example.com/g/p', 'other-host'],
    [HTTPS, 'file:///etc', 'other-host'],
    [HTTPS, '/etc', 'other-host'],
    [HTTPS, 'lfs::thing', 'unusable'],
    [HTTPS, 'https://git.example.com/p?x=1', 'unusable'],
    [HTTPS, '', 'unusable'],
    [SSH, 'ssh://git@git.example.com:2222/store', 'same-host'],
    [SSH, 'ssh://git.example.com:2222/store', 'same-host'],
    [SSH, 'ssh://git.example.com:2222/~/a+b@c_d-e.git', 'same-host'],
    ['ssh://git@git.example.com:2222/g%20h/$p', 'ssh://git@git.example.com:2222/g%20h/$p', 'same-host'],
    ...['$(id)', 'x;id;', 'a%20b', '`id`', '|id', '-x/y', 'a/--upload', '*', "'"].map(
      path => [SSH, `ssh://git@git.example.com:2222/${path}`, 'unsafe-path'] as const,
    ),
    [SSH, 'ssh://git@git.example.com/store', 'other-host'],
    [SSH, 'ssh://root@git.example.com:2222/store', 'unusable'],
    [SSH, 'ssh://git@evil.example.com:2222/store', 'other-host'],
    ['git@git.example.com:g/p', 'ssh://git@git.example.com:22/g/p', 'same-host'],
    [SSH, 'https://git.example.com/g/p', 'same-host'],
    [SSH, 'https://git.example.com:2222/g/p', 'other-host'],
    [SSH, 'http://git.example.com/g/p', 'other-host'],
    [SSH, 'https://evil.example.com/g/p', 'other-host'],
    ['git@ssh.github.com:o/r', 'https://github.com/o/r', 'same-host'],
    ['git@ssh.github.com:o/r', 'https://ssh.github.com/o/r', 'other-host'],
    ['git://git.example.com/g/p', 'https://git.example.com/g/p', 'same-host'],
    ['git://git.example.com/g/p', 'http://git.example.com/g/p', 'other-host'],
    ['git://git.example.com/g/p', 'https://evil.example.com/g/p', 'other-host'],
    ['git://git.example.com/g/p', 'git://git.example.com/g/p', 'unusable'],
    ['git://git.example.com/g/p', 'ssh://git.example.com/g/p', 'unusable'],
    ['/srv/p.git', 'file:///srv/p.git', 'same-host'],
    ['/srv/p.git', 'file:///srv/q.git', 'other-host'],
    ['/srv/p.git', 'https://git.example.com/p', 'other-host'],
  ] as const)('%s → %s: %s', (remote, url, use) => {
    expect(followLfsConfig(url, read(remote))).toBe(use)
  })
})
