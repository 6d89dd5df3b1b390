// Runs each reader of a git that a limit ends, and prints how it failed as JSON. A git that takes too much memory, or a disk that fills, cannot be had on demand:
// here git only waits, and the system is said to report it.
import fs, { mkdirSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'

const [, , directory = '', repository = '', tip = ''] = process.argv

const real = fs.readFileSync
const waits = (pid: string) => real(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep\0')
Object.assign(fs, {
  readFileSync: (path: string, ...rest: readonly []) => {
    const [, pid, file] = /^\/proc\/(\d+)\/(cmdline|status)$/.exec(path) ?? []
    if (pid === undefined || !waits(pid)) return real(path, ...rest)
    return file === 'cmdline' ? 'git\0held\0' : `RssAnon:\t${2 ** 23} kB\n`
  },
})
syncBuiltinESMExports()
const { commitsOutside, readParents, readSmallBlobs } = await import('../../src/git/objects.ts')
const { indexPack } = await import('../../src/git/repository.ts')

/** The options of a git that waits for ever where it has this command. */
function holding(command: string) {
  const place = join(directory, command)
  mkdirSync(place, { recursive: true })
  const rest = `PATH='${process.env['PATH']}' exec git "$@"`
  writeFileSync(join(place, 'git'), `#!/bin/sh\ncase "$1" in ${command}) exec sleep 1000;; *) ${rest};; esac\n`, { mode: 0o755 })
  return { cwd: repository, env: { PATH: `${place}:${process.env['PATH']}` } }
}

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) yield Buffer.alloc(2 ** 16)
}
const all = async (blobs: AsyncIterable<Buffer>) => {
  for await (const _ of blobs);
}
const query = { tips: [tip], without: [], alone: false, most: 1024 }
const readers: readonly (readonly [string, string, (command: string) => Promise<unknown>])[] = [
  ['indexPack', 'index-pack', command => indexPack(endless(), holding(command))],
  ['readParents', 'cat-file', command => readParents(holding(command))],
  ['readParents', 'rev-list', command => readParents(holding(command))],
  ['readSmallBlobs', 'rev-list', command => all(readSmallBlobs(query, holding(command)))],
  ['readSmallBlobs', 'cat-file', command => all(readSmallBlobs(query, holding(command)))],
  ['commitsOutside', 'rev-list', command => commitsOutside(['f'.repeat(40) as never], [tip as never], holding(command))],
]
const found = await Promise.all(
  readers.map(async ([name, command, read]) => [
    name,
    command,
    await read(command).then(String, (error: Error & { kind?: string }) => `${error.kind}: ${error.message}`),
  ]),
)
process.stdout.write(JSON.stringify(found))
