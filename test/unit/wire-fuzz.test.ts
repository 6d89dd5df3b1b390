import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { bytesOf, type Recording, type Replayed, replay } from '../support/recording.ts'
import { withoutStacks } from '../support/stacks.ts'

/*
 * What real servers said, cut off and changed in every way that comes to mind. However it comes, a run ends, in a Failure with a kind of its own
 * or, where the change did no harm, in what it would have come to anyway.
 */

const DIRECTORY = fileURLToPath(new URL('../fixtures/wire/', import.meta.url))
const recordings = readdirSync(DIRECTORY).map((file, number) => {
  const recording = JSON.parse(readFileSync(DIRECTORY + file, 'utf8')) as Recording
  return { number, file, recording, said: bytesOf(recording) }
})

/** No answer is waited for here: a run that does not end hangs, and jest ends the test. */
async function run(recording: Recording, said: readonly (readonly Buffer[])[], pieceSize: number): Promise<Replayed | Failure> {
  try {
    return await withoutStacks(() => replay(recording, said, pieceSize))
  } catch (error) {
    // Anything that is no Failure was not foreseen.
    if (error instanceof Failure) return error
    throw error
  }
}

const LANDED = new Set(['created', 'updated', 'forced', 'deleted'])
const landed = ({ outcomes }: Replayed) => [...outcomes].filter(([, { outcome }]) => LANDED.has(outcome)).map(([ref]) => ref)

/** Numbers from 0 up to 1, the same in every run (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

describe.each(recordings)('$file', ({ number, recording, said }) => {
  test.each([1, 7, 65_536])('as it was said, %i bytes at a time, all lands', async pieceSize => {
    const replayed = await run(recording, said, pieceSize)
    if (replayed instanceof Failure) throw replayed
    expect(landed(replayed).length).toBeGreaterThanOrEqual(3)
    expect([...replayed.outcomes.values()].every(({ reason }) => reason === null)).toBe(true)
    expect(replayed.received).toHaveLength(1)
  })

  /** Every fifth byte, other ones in one recording than in the next, and the ends. */
  const cutsOf = (bytes: Buffer): number[] =>
    [...bytes.keys()].filter(length => length % 5 === number % 5 || length === 0 || length === bytes.length - 1)

  test('cut off at many bytes: never a success, unless all that counts had been said', async () => {
    for (const [index, pieces] of said.entries()) {
      const { side, service } = recording.conversations[index] ?? {}
      for (const [which, bytes] of pieces.entries()) {
        for (const length of cutsOf(bytes)) {
          const cut = said.map((all, at) => (at === index ? [...all.slice(0, which), bytes.subarray(0, length)] : all))
          const replayed = await run(recording, cut, 4096)
          if (replayed instanceof Failure) {
            if (replayed.kind === 'internal') throw new Error(`${side}, cut after ${length} bytes`, { cause: replayed })
            continue
          }
          // What a server says after its report, or over and above the pack, is not needed.
          if (landed(replayed).length === 0) continue
          if (service === 'receive-pack') expect(bytes.length - length).toBeLessThanOrEqual(200)
          // Reading again, as it was recorded, shows the refs where they were to be; but that was none of this run's doing.
          else if (replayed.received.length > 0) throw new Error(`${side}, cut after ${length} bytes, and nobody noticed`)
        }
      }
    }
  })

  test('changed at random: an end, and a classified one', async () => {
    const random = numbersFrom(20_261_124)
    const pick = (most: number) => Math.floor(random() * most)
    const original = await run(recording, said, 65_536)
    if (original instanceof Failure) throw original
    let [failures, successes] = [0, 0]
    for (let round = 0; round < 500; round++) {
      const changed = said.map(pieces => pieces.map(bytes => Buffer.from(bytes)))
      for (let changes = 1 + pick(3); changes > 0; changes--) {
        const pieces = changed[pick(changed.length)] ?? []
        const which = pick(pieces.length)
        pieces[which] = change(pieces[which] ?? Buffer.alloc(0), pick)
      }
      const replayed = await run(recording, changed, 1 + pick(5000))
      if (replayed instanceof Failure) {
        failures++
        if (replayed.kind === 'internal') throw new Error(`round ${round}`, { cause: replayed })
      } else if (landed(replayed).length > 0) {
        successes++
        // What landed was sent whole: commands, and a pack from its first byte to its checksum.
        const deletesAlone = [...replayed.outcomes.values()].every(({ outcome }) => outcome === 'deleted' || !LANDED.has(outcome))
        if (!deletesAlone) expect(replayed.received.filter(body => !body.includes('PACK'))).toEqual([])
      }
    }
    expect(failures).toBeGreaterThan(250)
    expect(successes).toBeGreaterThan(0)
  })
})

/** One change: bytes turned, cut out, doubled, put in; lengths of packets made to lie. */
function change(bytes: Buffer<ArrayBuffer>, pick: (most: number) => number): Buffer<ArrayBuffer> {
  const at = pick(bytes.length)
  const length = 1 + pick(40)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (pick(7)) {
    case 0:
      return Buffer.concat([before, Buffer.from([pick(256)]), after.subarray(1)])
    case 1:
      return Buffer.concat([before, after.subarray(length)])
    case 2:
      return Buffer.concat([before, after.subarray(0, length), after])
    case 3:
      return Buffer.concat([before, Buffer.from(Array.from({ length }, () => pick(256))), after])
    case 4:
      return Buffer.concat([
        before,
        Buffer.from(['0000', '0001', '0002', '0003', '0004', 'ffff', 'fff0', '0005'][pick(8)] ?? ''),
        after.subarray(4),
      ])
    case 5:
      return before
    default:
      return Buffer.concat([before, Buffer.from('ERR it was not meant to be'), after])
  }
}
