import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import type { Place } from '../support/behaviour.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commitAll, fsck, git, refsOf } from '../support/git-repository.ts'
import { runMirror } from '../support/mirror.ts'
import { httpsPlace, sshPlace } from '../support/places.ts'
import { readRefs } from '../support/refs-of-files.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

let http: GitHttp
let ssh: Sshd
let sshV0: Sshd
beforeAll(async () => {
  http = await startGitHttp()
  ssh = await startSshd()
  sshV0 = await startSshd({ acceptGitProtocol: false })
})
afterAll(async () => {
  await Promise.allSettled([http, ssh, sshV0].map(async server => await server?.stop()))
})

/** Only here is behind a server. */
const ofHere = (place: Place): Place => ({
  create: place.create,
  inputs: (here, there) => {
    const { 'auth-secret': _, ...inputs } = place.inputs(here, there)
    return { ...inputs, 'remote-url': there }
  },
})

// The versions only change how refs are read and objects are fetched, which the relay does itself, over ssh and https alike, and git does for us.
// By git here alone is behind a server: here git reads and pushes, there it does what a mirror in one direction does. `mirroring-ssh` has git over ssh.
const WAYS: readonly (readonly [transfer: string, way: string, place: () => Place])[] = [
  ['relay', 'https, v2', () => httpsPlace(http, 'git')],
  ['relay', 'ssh, v2', () => sshPlace(ssh)],
  ['relay', 'ssh, v0', () => sshPlace(sshV0)],
  ['git', 'https, v2, here alone', () => ofHere(httpsPlace(http, 'git'))],
]

describe('both ways', () => {
  test.each(WAYS)(
    '%s over %s: what each side did comes to the other one, and the next run finds nothing to do',
    async (transfer, _, place) => {
      const [here, there] = [await place().create(), await place().create()]
      const run = (inputs: RawInputs = {}) => runMirror({ ...place().inputs(here, there), direction: 'bidirectional', transfer, ...inputs })
      const others = ['ours', 'theirs', 'gone', 'apart'].map(branch => ({ branch, parents: [0], files: { [branch]: '1' } }))
      const [base = ''] = await commitAll(here, [{ branch: 'main', files: { a: '1' } }, ...others])
      await git(here, ['tag', '-m', 'annotated', 'v1', 'main'])
      expect(await run()).toMatchObject({ status: 'updated', inSync: true, transfer })

      await commitAll(here, [
        { branch: 'ours', files: { ours: '2' } },
        { branch: 'new', parents: [base], files: { new: '1' } },
        { branch: 'apart', files: { here: '2' } },
      ])
      await commitAll(
        there,
        ['theirs', 'apart'].map(branch => ({ branch, files: { there: '2' } })),
      )
      await git(there, ['update-ref', '-d', 'refs/heads/gone'])
      await git(there, ['tag', '-m', 'annotated', 'v2', 'theirs'])
      const report = await run({ 'keep-divergent': 'false' })
      expect(report.outcomes).toEqual({
        ...{ apart: 'forced', gone: 'deleted', main: 'up-to-date', new: 'created', ours: 'updated', theirs: 'updated' },
        ...{ 'tags/v1': 'up-to-date', 'tags/v2': 'created' },
      })
      const sides = new Map(report.refs.map(({ ref, side }) => [ref.replace(/^refs\/heads\//, ''), side]))
      expect([sides.get('ours'), sides.get('new'), sides.get('theirs'), sides.get('gone')]).toEqual(['there', 'there', 'here', 'here'])

      expect(await run()).toMatchObject({ status: 'up-to-date', inSync: true, transfer: null })
      expect(await refsOf(there)).toEqual(await refsOf(here))
      for (const side of [here, there]) await fsck(side)
      const bases = [...readRefs(here)].flatMap(([ref, oid]) => {
        const base = /^refs\/mirroring\/base\/[^/]+\/(.*)$/.exec(ref)
        return base === null ? [] : [[`refs/${base[1]}`, oid] as const]
      })
      expect(new Map(bases)).toEqual(await refsOf(here))
    },
  )
})
