import type { Host } from './host.ts'

/** A host for one of several runs in one process: what it says begins with its name, and its state is kept apart from the others'. */
export const labelledHost = (host: Host, name: string): Host => ({
  ...host,
  info: message => host.info(labelled(name, message)),
  debug: message => host.debug(labelled(name, message)),
  progress: describe => host.progress(describe === null ? null : () => `${name}: ${describe()}`),
  saveState: (key, value) => host.saveState(`${key}-${name}`, value),
})

/** On each line, so that the lines of runs at the same time can be told apart. */
const labelled = (name: string, message: string): string =>
  message
    .split('\n')
    .map(line => `${name}: ${line}`)
    .join('\n')
