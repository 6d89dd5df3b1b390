/** Parents of processes, by their ids. */
export type Parents = ReadonlyMap<number, number>

/**
 * Reads `/proc/<pid>/stat` (proc_pid_stat(5)): `<pid> (<name>) <state> <parent> …`, where a name may hold anything, parentheses too. null where it is none.
 */
export function parseStat(text: string): readonly [pid: number, parent: number] | null {
  const [, pid, parent] = /^(\d+) \(.*\) \S (\d+) /s.exec(text) ?? []
  return pid === undefined || parent === undefined ? null : [Number(pid), Number(parent)]
}

/** Reads what `ps -A -o pid= -o ppid=` prints: two numbers a line. */
export const parsePs = (text: string): Parents =>
  new Map([...text.matchAll(/^\s*(\d+)\s+(\d+)\s*$/gm)].map(([, pid, parent]) => [Number(pid), Number(parent)]))

/** The process and all that it has started, and what these have, parents first. */
export function treeOf(root: number, parents: Parents): number[] {
  const tree = [root]
  // Grows while it is walked.
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid && !tree.includes(child)) tree.push(child)
  return tree
}
