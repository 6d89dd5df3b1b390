import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { Pair } from '../../src/plan/plan.ts'
import type { Advertisement } from '../../src/refs/advertisement.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { type Proof, proveRelations } from '../../src/transfer/relay/ancestry.ts'
import { chooseHaves, MAX_HAVES } from '../../src/transfer/relay/haves.ts'
import { PackSource } from '../../src/transfer/relay/pack-source.ts'
import { packStream, readCommits } from '../../src/transfer/relay/pack-stream.ts'
import type { Fetched, UploadPack } from '../../src/transfer/relay/upload-pack.ts'
import type { FetchRequest } from '../../src/wire/fetch.ts'
import { emptyPack } from '../../src/wire/pack-entry.ts'

/** Letters stand for objects. `d:bc` is a commit with the parents b and c, `a:` a first commit; what stands only on the right is not in the part. */
const oids = (letters: string): Oid[] => [...letters] as Oid[]
const partOf = (text: string): Map<Oid, readonly Oid[]> =>
  new Map(
    text
      .split(' ')
      .filter(commit => commit !== '')
      .map(commit => [commit[0] as Oid, oids(commit.slice(2))]),
  )
const pairOf = (text: string): Pair => ({ ref: `refs/heads/${text}` as RefName, tip: text[0] as Oid, into: text[1] as Oid })

describe('what a part of the history proves', () => {
  test.each<[string, string, Record<string, Proof>]>([
    ['nothing is there', '', { ab: 'open', aa: 'ancestor' }],
    ['a line', 'c:b b:a a:', { ac: 'ancestor', bc: 'ancestor', cc: 'ancestor', ca: 'diverged', cb: 'diverged', xc: 'diverged' }],
    ['fast-forward: the tip itself need not be in the part', 'c:b b:a', { ac: 'ancestor', bc: 'ancestor', xc: 'open' }],
    ['a merge', 'd:bc b:a c:a a:', { bd: 'ancestor', cd: 'ancestor', ad: 'ancestor', bc: 'diverged', cb: 'diverged' }],
    ['the second parent leads to it, the first out of the part', 'd:bc c:e', { ed: 'ancestor', bd: 'ancestor', xd: 'open' }],
    ['merged into another have: only that one is met', 'd:c', { cd: 'ancestor', bd: 'open' }],
    ['an octopus', 'f:abcde', { af: 'ancestor', ef: 'ancestor', xf: 'open' }],
    ['two first commits', 'd:bc b: c:', { bd: 'ancestor', xd: 'diverged' }],
    ['one branch ends, the other leaves', 'd:bc b: c:a', { xd: 'open', ad: 'ancestor' }],
    ['histories apart', 'b:a a: y:x x:', { ab: 'ancestor', xb: 'diverged', ay: 'diverged', xy: 'ancestor' }],
    ['a pack that ends before into', 'b:a a:', { az: 'open', zz: 'ancestor' }],
    ['several tips in one', 'd:bc b:a c:a a:', { ad: 'ancestor', bd: 'ancestor', xd: 'diverged', yd: 'diverged', dd: 'ancestor' }],
    // A hostile pack can hold no circle, as each oid is a hash; but an end there is anyway.
    ['a circle', 'a:b b:a', { ba: 'ancestor', xa: 'open' }],
    // What a tag leads to is what is asked about: of an annotated tag the commit, of a tag of a tree or a blob that.
    ['a tag, peeled', 'c:b b:a a:', { ac: 'ancestor' }],
    ['a tag of a tree or a blob is in no history', 'c:b b:a a:', { tc: 'diverged' }],
    ['nor in one of which not all is known', 'c:b', { tc: 'open' }],
    // Where it could not be peeled, the tag object stands for itself, and is no parent of any commit.
    ['a tag that was not peeled', 'c:b b:a a:', { Tc: 'diverged' }],
  ])('%s', (_, part, expected) => {
    const pairs = Object.keys(expected).map(pairOf)
    const proofs = proveRelations(partOf(part), pairs)
    expect([...proofs.keys()]).toEqual(pairs)
    expect(Object.fromEntries(pairs.map((pair, index) => [Object.keys(expected)[index], proofs.get(pair)]))).toEqual(expected)
    // And each by itself.
    for (const pair of pairs) expect(proveRelations(partOf(part), [pair]).get(pair)).toBe(proofs.get(pair))
  })

  test('a long line, and thousands of branches: each walk ends at its tip, and none is kept', () => {
    const length = 20_000
    const name = (index: number) => `${index}` as Oid
    const line = new Map(Array.from({ length }, (_, index) => [name(index + 1), index === 0 ? [] : [name(index)]] as const))
    const pairs = Array.from({ length: 10_000 }, (_, index) => {
      const into = length - index
      return { ref: `refs/heads/${index}` as RefName, tip: name(into - 10), into: name(into) }
    })
    expect(new Set(proveRelations(line, pairs).values())).toEqual(new Set(['ancestor']))
  })

  test('the same pair of refs twice has two answers', () => {
    const pairs = [pairOf('ab'), pairOf('ab')]
    expect([...proveRelations(partOf('b:a'), pairs)]).toEqual(pairs.map(pair => [pair, 'ancestor']))
  })
})

/** `refs/heads/main=a`; a name without `refs/` is a branch. */
const sideOf = (text: string, head: string | null = null): Advertisement => ({
  refs: new Map(
    text
      .split(' ')
      .filter(word => word !== '')
      .map(word => word.split('=') as [RefName, Oid])
      .map(([name, oid]) => [(name.startsWith('refs/') ? name : `refs/heads/${name}`) as RefName, oid]),
  ),
  peeled: new Map(),
  symbolic: new Map(),
  symbolicIsWhole: true,
  mirroringRefs: new Map(),
  head: head as RefName | null,
  objectFormat: 'sha1',
  unusable: [],
  damaged: new Map(),
  hasHead: true,
})

describe('haves', () => {
  const MAIN = 'refs/heads/main'
  test.each<[string, { source: string; destination: string; changing?: string[]; head?: string }, string]>([
    ['an empty destination', { source: 'main=a', destination: '' }, ''],
    ['an old tip that the source may not know', { source: 'main=b', destination: 'main=a', changing: [MAIN] }, 'a'],
    ['old tips come first', { source: 'a=a b=b main=z', destination: 'a=a b=b main=m', changing: [MAIN], head: MAIN }, 'mab'],
    ['then the default branch', { source: 'a=a main=m', destination: 'a=a main=m', head: MAIN }, 'ma'],
    ['then branches, then tags', { source: 'refs/tags/v=v a=a', destination: 'refs/tags/v=v a=a' }, 'av'],
    ['what the source may not know comes last', { source: 'b=b refs/tags/v=v', destination: 'a=a b=b refs/tags/v=v' }, 'bva'],
    ['what it has under another name is known', { source: 'other=a refs/tags/v=v', destination: 'a=a refs/tags/v=v' }, 'av'],
    [
      'the newest tags first',
      { source: 'refs/tags/v9=a refs/tags/v10=b refs/tags/v2=c', destination: 'refs/tags/v2=c refs/tags/v9=a refs/tags/v10=b' },
      'bac',
    ],
    ['so, too, of what may not be known', { source: '', destination: 'refs/tags/v2=c refs/tags/v9=a refs/tags/v10=b' }, 'bac'],
    ['each once', { source: 'a=a b=a', destination: 'a=a b=a refs/tags/v=a main=a', changing: [MAIN] }, 'a'],
    ['what changes and what does not may be one', { source: 'a=a main=z', destination: 'main=a a=a c=c', changing: [MAIN] }, 'ac'],
    ['what is to be created has no old tip', { source: 'a=a new=n', destination: 'a=a', changing: ['refs/heads/new'] }, 'a'],
  ])('%s', (_, { source, destination, changing = [], head = null }, expected) =>
    expect(chooseHaves(sideOf(source), sideOf(destination, head), new Set(changing as RefName[])).join('')).toBe(expected),
  )

  test('of more than fit the newest tags stay, and all old tips', () => {
    const many = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${prefix}${index}=${prefix.at(-1)}${index}`).join(' ')
    const same = `${many('b', 500)} ${many('refs/tags/t', 3000)}`
    const haves = chooseHaves(
      sideOf(same),
      sideOf(`${same} ${many('c', 300)}`),
      new Set([...Array(300).keys()].map(index => `refs/heads/c${index}` as RefName)),
    )
    expect(haves).toHaveLength(MAX_HAVES)
    expect(haves.slice(0, 300).every(oid => oid.startsWith('c'))).toBe(true)
    expect(haves.slice(300, 800).every(oid => oid.startsWith('b'))).toBe(true)
    expect(haves.slice(800)).toEqual(Array.from({ length: 200 }, (_, index) => `t${2999 - index}`))
  })

  test('old tips alone are not more than fit either', () => {
    const names = Array.from({ length: 1200 }, (_, index) => `b${index}`)
    const destination = sideOf(names.map(name => `${name}=${name}`).join(' '))
    expect(chooseHaves(sideOf(''), destination, new Set(destination.refs.keys()))).toEqual(names.slice(0, MAX_HAVES))
  })
})

const PACK = emptyPack('sha1')

/** A source that writes down what it is asked for. */
function sourceOf(...answers: (Partial<Fetched> | Failure)[]): { source: UploadPack; asked: FetchRequest[]; aborted: number[] } {
  const asked: FetchRequest[] = []
  const aborted: number[] = []
  const source: UploadPack = {
    side: 'here',
    advertisement: sideOf(''),
    version: 2,
    offersFilter: true,
    offersBlobLimit: true,
    offersDepth: true,
    namesAllCommon: true,
    fetch: async request => {
      const index = asked.push(request) - 1
      const answer = answers[index] ?? {}
      if (answer instanceof Failure) throw answer
      return { common: new Set(), shallow: false, hasPack: true, pack: piecesOf(PACK), abort: () => aborted.push(index), ...answer }
    },
  }
  return { source, asked, aborted }
}

async function* piecesOf(bytes: Buffer, size = 5): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

async function all(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const list: Buffer[] = []
  for await (const piece of pieces) list.push(piece)
  return Buffer.concat(list)
}

describe('packs from the source', () => {
  const usual = { thin: true, ofsDelta: true }
  const packsOf = (source: UploadPack, present = '', haves = '', said: string[] = []) =>
    new PackSource(
      source,
      oids(present),
      () => oids(haves),
      message => said.push(message),
    )

  test.each<[string, string, string, string]>([
    ['nothing there', '', 'abc', 'abc'],
    ['all there', 'abc', 'abc', ''],
    ['some', 'b', 'abc', 'ac'],
    ['each once', '', 'aab', 'ab'],
  ])('what the destination lacks: %s', (_, present, wanted, lacking) =>
    expect(packsOf(sourceOf().source, present).lacking(oids(wanted)).join('')).toBe(lacking),
  )

  test('what landed is there, and the first of the haves from then on', async () => {
    const { source, asked } = sourceOf()
    const packs = packsOf(source, 'a', 'ab')
    packs.landed(oids('cb'))
    expect(packs.lacking(oids('abcd')).join('')).toBe('d')
    packs.landed([])
    await packs.take(oids('d'), usual)
    expect(asked).toEqual([{ wants: ['d'], haves: ['c', 'b', 'a'], thin: true, ofsDelta: true, filter: null, done: true }])
  })

  test('haves stay as many as fit', async () => {
    const { source, asked } = sourceOf()
    const packs = new PackSource(
      source,
      [],
      () => Array.from({ length: MAX_HAVES }, (_, index) => `h${index}` as Oid),
      () => {},
    )
    packs.landed(oids('xy'))
    await packs.take(oids('d'), usual)
    expect(asked[0]?.haves).toHaveLength(MAX_HAVES)
    expect(asked[0]?.haves.slice(0, 3)).toEqual(['x', 'y', 'h0'])
  })

  test('the first pack is asked for once, and taken once', async () => {
    const { source, asked, aborted } = sourceOf()
    const said: string[] = []
    const packs = packsOf(source, '', 'h', said)
    const first = await packs.start(oids('ab'))
    expect(await packs.start(oids('c'))).toBe(first)
    expect(await packs.take(oids('a'), usual)).toBe(first)
    expect(await packs.take(oids('d'), usual)).not.toBe(first)
    expect(asked.map(({ wants }) => wants.join(''))).toEqual(['ab', 'd'])
    expect(said).toEqual(['fetching 2 tips from the source', 'fetching 1 tip from the source'])
    expect(aborted).toEqual([])
  })

  test.each([
    { thin: false, ofsDelta: true },
    { thin: true, ofsDelta: false },
    { thin: false, ofsDelta: false },
  ])('a receiver that cannot read the usual form gets a pack of its own: %j', async form => {
    const { source, asked, aborted } = sourceOf()
    const packs = packsOf(source)
    const first = await packs.start(oids('ab'))
    expect(await packs.take(oids('a'), form)).not.toBe(first)
    expect(aborted).toEqual([0])
    expect(asked[1]).toMatchObject({ wants: ['a'], ...form })
  })

  test('what is not needed is dropped, also before it is there', async () => {
    const { source, aborted } = sourceOf()
    const packs = packsOf(source)
    const first = packs.start(oids('a'))
    packs.drop()
    await first
    await Promise.resolve()
    expect(aborted).toEqual([0])
    packs.drop()
    expect(await packs.take(oids('a'), usual)).not.toBe(await first)
    expect(aborted).toEqual([0])
  })

  test('who takes the first pack hears of its failure; then there may be another', async () => {
    const broken = new Failure('connection-lost', 'it broke', { side: 'here' })
    const { source, asked } = sourceOf(broken)
    const packs = packsOf(source)
    void packs.start(oids('a'))
    await expect(packs.take(oids('a'), usual)).rejects.toBe(broken)
    expect((await all((await packs.take(oids('a'), usual)).passOn())).equals(PACK)).toBe(true)
    expect(asked).toHaveLength(2)
  })

  test('one that fails is dropped like others', async () => {
    const packs = packsOf(sourceOf(new Failure('connection-lost', 'it broke')).source)
    void packs.start(oids('a'))
    packs.drop()
    await new Promise(setImmediate)
  })

  test('a shallow source is refused', async () => {
    const packs = packsOf(sourceOf({ shallow: true }).source)
    await expect(packs.take(oids('a'), usual)).rejects.toMatchObject({ kind: 'source-shallow', side: 'here' })
  })
})

describe('a pack on its way', () => {
  const fetchedOf = (bytes: Buffer, size: number): Fetched & { aborts: () => number } => {
    let aborts = 0
    return {
      ...{ common: new Set<Oid>(), shallow: false, hasPack: true, pack: piecesOf(bytes, size) },
      abort: () => {
        aborts += 1
      },
      aborts: () => aborts,
    }
  }

  test.each([1, 5, 12, 13, 1000])('passed on as it came, %i bytes at a time, looked at or not', async size => {
    expect((await all(packStream(fetchedOf(PACK, size), 'here').passOn())).equals(PACK)).toBe(true)
    const stream = packStream(fetchedOf(PACK, size), 'here')
    expect((await stream.readHead('sha1')).whole).toBe(true)
    expect((await all(stream.passOn())).equals(PACK)).toBe(true)
  })

  test.each<[string, Buffer, RegExp]>([
    ['no byte', Buffer.alloc(0), /ended its pack before it began/],
    ['too few', PACK.subarray(0, 11), /ended its pack before it began/],
    ['no pack', Buffer.from('<html></html>'), /what should be a pack is none/],
  ])('what is none does not get to the destination: %s', async (_, bytes, message) => {
    const failure = { kind: 'protocol-error', side: 'here', message: expect.stringMatching(message) }
    await expect(all(packStream(fetchedOf(bytes, 4), 'here').passOn())).rejects.toMatchObject(failure)
    await expect(packStream(fetchedOf(bytes, 4), 'here').readHead('sha1')).rejects.toMatchObject(failure)
  })

  test('what is not wanted any more is aborted', () => {
    const fetched = fetchedOf(PACK, 5)
    packStream(fetched, 'here').abort()
    expect(fetched.aborts()).toBe(1)
  })

  test('a pack of commits is read to its end; one of others no further than to the first of them', async () => {
    const whole = fetchedOf(PACK, 3)
    expect((await readCommits(whole, 'sha1')).whole).toBe(true)
    expect(whole.aborts()).toBe(0)
    // One object, a blob of 2^21 bytes.
    const blob = fetchedOf(
      Buffer.concat([PACK.subarray(0, 11), Buffer.from([1, 0xb0, 0x80, 0x80, 0x08, 0x78, 0x9c]), Buffer.alloc(500)]),
      3,
    )
    expect((await readCommits(blob, 'sha1')).whole).toBe(false)
    expect(blob.aborts()).toBe(1)
  })
})
