import { readFileSync } from 'node:fs'
import { Failure } from '../errors/failure.ts'
import { GIT_MEMORY_BYTES, LFS_MEMORY_BYTES, OBJECTS_MEMORY_BYTES, PUSH_MEMORY_BYTES } from '../limits/limits.ts'
import { orElse } from '../tasks/or-else.ts'
import { showBytes } from '../text/quantity.ts'

/** The programs that read what a server says. Other gits work on objects, and take as much memory as the repository needs, up to a limit that is far away. */
const MAX_BYTES: ReadonlyMap<string | undefined, number> = new Map([
  ...['git ls-remote', 'git fetch', 'git fetch-pack', 'git-remote-http', 'git-remote-https'].map(name => [name, GIT_MEMORY_BYTES] as const),
  ...['git push', 'git send-pack'].map(name => [name, PUSH_MEMORY_BYTES] as const),
  ['git-lfs', LFS_MEMORY_BYTES],
])

/**
 * The failure of a process, or of one that it started, with too much memory; null without one. Linux only: elsewhere null.
 * @param forObjects bytes of a program that works on objects
 */
export function memoryFailure(pid: number | string, forObjects = OBJECTS_MEMORY_BYTES): Failure | null {
  const read = (name: string) => orElse('', () => readFileSync(`/proc/${pid}/${name}`, 'latin1'))
  const [, program = '', command] = /^(?:[^\0]*\/)?([^/\0]+)\0(?:-c\0[^\0]*\0)*([^\0]*)/.exec(read('cmdline')) ?? []
  const name = program === 'git' ? `git ${command}` : program
  const forAnswers = MAX_BYTES.get(name)
  // The hooks of a repository of this machine are programs of the user.
  const most = forAnswers ?? (program.startsWith('git') ? forObjects : Number.POSITIVE_INFINITY)
  // The pages of mapped files, such as packs, are not counted.
  const bytes = 1024 * Number(/^RssAnon:\s+(\d+) kB$/m.exec(read('status'))?.[1] ?? 0)
  const children = () => read(`task/${pid}/children`).split(' ').slice(0, -1)
  if (bytes <= most) return children().reduce<Failure | null>((found, child) => found ?? memoryFailure(child, forObjects), null)
  const what = forAnswers === undefined ? 'the objects of the repository' : 'an answer of the server'
  return new Failure('answer-too-large', `${name} took ${showBytes(most)} of memory for ${what}`)
}
