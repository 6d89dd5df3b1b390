/**
 * Reads a command file of the runner: `name=value` lines and `name<<DELIMITER … DELIMITER` blocks.
 * Throws for a line that is neither, and for a block without an end, as the runner does.
 */
export function parseCommandFile(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? ''
    if (line === '') continue
    // Whichever of the two comes first decides.
    const [, name, operator, rest = ''] = /^(.+?)(=|<<)(.*)$/.exec(line) ?? []
    if (name === undefined) throw new Error(`bad line in a command file: "${line}"`)
    if (operator === '=') {
      values[name] = rest
      continue
    }
    const last = lines.indexOf(rest, i + 1)
    if (last === -1) throw new Error(`no end of "${name}" in a command file`)
    values[name] = lines.slice(i + 1, last).join('\n')
    i = last
  }
  return values
}

const ADD_MASK = /^\s*::add-mask::(.*)$/

/** The log without the lines that tell the runner what to mask: it never prints those. */
export function withoutMaskCommands(log: string): string {
  return log
    .split('\n')
    .filter(line => !ADD_MASK.test(line))
    .join('\n')
}

/** The log as the runner prints it: from each `::add-mask::` on, its value and each line of its value are `***`. */
export function maskLog(log: string): string {
  const masks = new Set<string>()
  const shown: string[] = []
  for (const line of log.split('\n')) {
    const command = ADD_MASK.exec(line)?.[1]
    if (command === undefined) {
      const longestFirst = [...masks].sort((a, b) => b.length - a.length)
      shown.push(longestFirst.reduce((text, mask) => text.replaceAll(mask, '***'), line))
      continue
    }
    const value = command.trimEnd().replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
    for (const part of [value, ...value.split(/\r?\n/)]) if (part !== '') masks.add(part)
  }
  return shown.join('\n')
}
