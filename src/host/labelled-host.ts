import type { Host } from './host.ts'

/** A host for one of several runs in one process: its messages begin with its name, and its state is kept apart from that of the others. */
export const labelledHost = (host: Host, name: string): Host => ({
  ...host,
  info: message => host.info(labelled(name, message)),
  debug: message => host.debug(labelled(name, message)),
  progress: describe => host.progress(describe === null ? null : () => `${name}: ${describe()}`),
  saveState: (key, value) => host.saveState(`${key}-${name}`, value),
})

/** Labels each line, because the lines of simultaneous runs are mixed. */
const labelled = (name: string, text: string): string => `${name}: ${text.replaceAll('\n', `\n${name}: `)}`
