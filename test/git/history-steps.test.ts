// Destinations that limit the pack of one push, as forges do: the history goes in steps.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { sealerOf } from '../../src/plan/base.ts'
import { parseRemoteUrl, type RemoteUrl } from '../../src/remote/url.ts'
import { commitAll, createBare, fsck, git, installHook, type NewCommit, refsOf } from '../support/git-repository.ts'
import { differences, type MirrorOptions, runMirror } from '../support/mirror.ts'

const KIB = 1024
/** The limit of each destination. */
const MOST = 300 * KIB

/** Text of so many KiB that cannot be compressed by more than a quarter; the same for the same name. */
function noise(name: string, kib: number): string {
  const pieces = Array.from({ length: kib * 16 }, (_, index) => createHash('sha384').update(`${name} ${index}`).digest('base64'))
  return pieces.join('')
}

/** One commit with a file of so many KiB. */
const bringing = (branch: string, name: string, kib: number, parents: NewCommit['parents']): NewCommit => ({
  branch,
  ...(parents && { parents }),
  files: { [`files/${name}`]: noise(name, kib) },
})

/** A branch of so many commits. */
const line = (branch: string, count: number, kib: number): NewCommit[] =>
  Array.from({ length: count }, (_, index) => bringing(branch, `${branch}-${index}`, kib, index === 0 ? [] : [index - 1]))

/** A destination that takes so many bytes in one push. @param hook the end of `pre-receive`, with the changes in a file */
async function limited(hook = ''): Promise<string> {
  const directory = await createBare(undefined, { config: { 'receive.maxInputSize': String(MOST), 'receive.unpackLimit': '1' } })
  installHook(directory, 'pre-receive', `cat > changes\n${hook}`)
  return directory
}

const placeOf = (directory: string) => ({
  url: parseRemoteUrl(directory, { allowInsecureHttp: false }) as RemoteUrl,
  username: '',
  secret: null,
})

const stepsAt = async (directory: string): Promise<string[]> =>
  (await git(directory, ['for-each-ref', '--format=%(refname)', 'refs/mirroring'])).stdout.split('\n').filter(name => name !== '')

const mirror = (source: string, destination: string, transfer: string, inputs = {}, options: MirrorOptions = {}) =>
  runMirror({ 'repository-url': source, 'remote-url': destination, transfer, retries: '0', ...inputs }, options)

async function expectMirrored(source: string, destination: string): Promise<void> {
  expect(await differences(source, destination)).toEqual([])
  expect(await stepsAt(destination)).toEqual([])
  await fsck(destination)
}

/** By what it is: a long branch with an annotated tag and an older branch, many branches, and many that are merged. */
const sources: Record<string, string> = {}
beforeAll(async () => {
  const [long, many, wide] = [await createBare(), await createBare(), await createBare()]
  const commits = await commitAll(long, line('main', 12, 80))
  await git(long, ['tag', '-a', '-m', 'x', 'v1', commits[6] ?? ''])
  await git(long, ['branch', 'old', commits[1] ?? ''])
  await commitAll(
    many,
    Array.from({ length: 10 }, (_, index) => bringing(`b${index}`, `b${index}`, 80, [])),
  )
  const merged = Array.from({ length: 10 }, (_, index) => bringing('main', `m${index}`, 80, []))
  await commitAll(wide, [...merged, { branch: 'main', parents: merged.map((_, index) => index), files: { a: '1' } }])
  Object.assign(sources, { 'a long branch': long, 'many branches': many, 'a merge of many': wide })
})

describe.each(['relay', 'git'])('%s', transfer => {
  test.each(['a long branch', 'many branches', 'a merge of many'])('%s', async what => {
    const [here, there] = [sources[what] ?? '', await limited()]
    const report = await mirror(here, there, transfer)
    expect(report).toMatchObject({ status: 'updated', inSync: true, transfer })
    expect(
      report.log.filter(text => /did not take the push \(.*pack exceeds maximum.*\): the history goes in steps/.test(text)),
    ).toHaveLength(1)
    expect(report.log.filter(text => /^step \d+ of about \d+: \d+ commits?, [\d.]+ KiB$/.test(text)).length).toBeGreaterThan(3)
    await expectMirrored(here, there)
  })

  test('a commit that is too large alone: its branch is rejected by its largest files, all others land', async () => {
    const [here, there] = [await createBare(), await limited()]
    const main = line('main', 5, 80)
    const bad = [bringing('bad', 'huge', 600, [2]), bringing('bad', 'after', 1, [5])]
    await commitAll(here, [...main, ...bad, bringing('small', 'small', 1, [])])
    await git(here, ['tag', 'blob', 'bad:files/huge'])
    const report = await mirror(here, there, transfer)
    expect(report).toMatchObject({
      status: 'partial',
      outcomes: { main: 'created', small: 'created', bad: 'rejected large-file', 'tags/blob': 'rejected large-file' },
    })
    const { reason } = report.refs.find(({ ref }) => ref === 'refs/heads/bad') ?? {}
    expect(reason).toMatch(
      /^the commit [0-9a-f]{40} alone is more than the destination takes in one push .*; its largest files: files\/huge \(6\d\d\.\d KiB\)/,
    )
    expect(await differences(here, there)).toEqual([
      expect.stringMatching(/^refs\/heads\/bad: /),
      expect.stringMatching(/^refs\/tags\/blob: /),
    ])
    expect(await stepsAt(there)).toEqual([])
    const whole = await limited()
    expect(await mirror(here, whole, transfer, { atomic: 'true' })).toMatchObject({
      inSync: false,
      outcomes: { small: 'rejected atomic-refused' },
    })
    expect((await refsOf(whole)).size).toBe(0)
  })

  test('a server that refuses refs below refs/mirroring/: a long branch is rejected with its words, short ones land', async () => {
    const [here, there] = [await createBare(), await limited('! grep -q refs/mirroring changes')]
    await commitAll(here, [...line('long', 6, 80), bringing('main', 'small', 1, [])])
    const report = await mirror(here, there, transfer)
    expect(report).toMatchObject({ status: 'partial', outcomes: { main: 'created', long: 'rejected hook-declined' } })
    expect(report.refs[0]?.reason).toMatch(/^its history is too large for one push, and a mirroring ref for a part of it was refused: /)
  })

  test('with `atomic`, all refs appear in one push', async () => {
    const [here, there] = [
      sources['a long branch'] ?? '',
      await limited('grep -q refs/heads changes && git for-each-ref refs/heads refs/tags >> before; true'),
    ]
    expect(await mirror(here, there, transfer, { atomic: 'true' })).toMatchObject({ status: 'updated', inSync: true })
    expect(readFileSync(join(there, 'before'), 'utf8')).toBe('')
    await expectMirrored(here, there)
    const refusing = await limited('! grep -q refs/heads/old changes')
    expect(await mirror(here, refusing, transfer, { atomic: 'true' })).toMatchObject({ inSync: false })
    expect([...(await refsOf(refusing)).keys()].filter(ref => !ref.startsWith('refs/mirroring/'))).toEqual([])
    if (transfer === 'git') return
    const moving = await limited()
    installHook(
      moving,
      'post-receive',
      "git update-ref refs/heads/old $(git for-each-ref --count=1 --format='%(objectname)' refs/mirroring)",
    )
    expect(await mirror(here, moving, transfer, { atomic: 'true' })).toMatchObject({ inSync: false, outcomes: { old: 'raced raced' } })
    expect(await stepsAt(moving)).toHaveLength(1)
  })

  test('a run that breaks off leaves what it has brought; the next one goes on from there', async () => {
    const [here, there] = [sources['a long branch'] ?? '', await limited()]
    const time = new AbortController()
    const onLine = (text: string): void => {
      if (text.startsWith('step 4 ')) time.abort(new Error('killed'))
    }
    const broken = await mirror(here, there, transfer, { atomic: 'true' }, { onLine, timeIsUp: time.signal })
    expect(broken).toMatchObject({ inSync: false })
    expect(await stepsAt(there)).toHaveLength(1)
    await fsck(there)
    const next = await mirror(here, there, transfer)
    expect(next).toMatchObject({ status: 'updated', inSync: true })
    expect(next.log.filter(text => text.startsWith('step ')).length).toBeLessThan(6)
    await expectMirrored(here, there)
  })

  test('`refs-per-push`: the default branch first, branches, then tags', async () => {
    const [here, there] = [sources['a long branch'] ?? '', await createBare()]
    installHook(there, 'pre-receive', "sed 's/^[^ ]* [^ ]* //' | tr '\\n' ' ' >> pushes; echo >> pushes")
    expect(await mirror(here, there, transfer, { 'refs-per-push': '2' })).toMatchObject({ status: 'updated', inSync: true })
    expect(readFileSync(join(there, 'pushes'), 'utf8')).toBe('refs/heads/main refs/heads/old \nrefs/tags/v1 \n')
    await expectMirrored(here, there)
  })

  test('refs for parts of a history that are left over are removed by a run that has nothing to do; those of another mirror stay', async () => {
    const [here, there] = [sources['many branches'] ?? '', await createBare()]
    await git(here, ['push', '-q', '--mirror', there])
    const [tip = ''] = (await refsOf(there)).values()
    const id = sealerOf({ here: placeOf(here), there: placeOf(there) }).id
    for (const mirrorOf of [id, 'another']) await git(there, ['update-ref', `refs/mirroring/steps/${mirrorOf}/${tip}`, tip])
    expect(await mirror(here, there, transfer)).toMatchObject({ status: 'up-to-date', inSync: true })
    expect(await stepsAt(there)).toEqual([`refs/mirroring/steps/another/${tip}`])
  })
})

test('a source that speaks no protocol v2 may give only its tips: git goes on', async () => {
  const [here, there] = [sources['a long branch'] ?? '', await limited()]
  expect(await mirror(here, there, 'auto', {}, { protocol: 0 })).toMatchObject({ status: 'updated', inSync: true, transfer: 'git' })
  await expectMirrored(here, there)
})

test('git: a file that grows is whole on the disk only where it is newest, and each push sends what was added', async () => {
  const [here, there] = [await createBare(), await limited()]
  const pieces = Array.from({ length: 9 }, (_, index) => noise(`piece-${index}`, 80))
  await commitAll(
    here,
    pieces.map((_, index) => ({
      ...{ branch: 'main', parents: index === 0 ? [] : [index - 1] },
      files: { grown: pieces.slice(0, index + 1).join('') },
    })),
  )
  await git(here, ['repack', '-adfq'])
  expect(await mirror(here, there, 'git')).toMatchObject({ status: 'updated', inSync: true })
  await expectMirrored(here, there)
})
