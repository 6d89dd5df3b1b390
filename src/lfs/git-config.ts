/** The meaning of the characters after a backslash within a value (git-config(1), Syntax). */
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t', b: '\b' }

/** `[section]`, `[section "subsection"]`, or the old `[section.subsection]`. */
const SECTION = /^\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?\]/

const KEY = /^([A-Za-z][A-Za-z0-9-]*)[ \t]*/

/**
 * The values of a file in git-config's syntax, by name: section and key in lower case, the subsection as it is, as in `remote.origin.url`. The last of
 * several counts, and a key without a value does not.
 * @returns null where git refuses to read the file
 */
export function readGitConfig(source: string): ReadonlyMap<string, string> | null {
  const values = new Map<string, string>()
  let section = ''
  let rest = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  for (;;) {
    rest = rest.replace(/^(?:[ \t\r\n]+|[#;][^\n]*)+/, '')
    if (rest === '') return values
    const [header, name = '', subsection] = SECTION.exec(rest) ?? []
    if (header !== undefined) {
      section = `${name.toLowerCase()}${subsection === undefined ? '' : `.${subsection.replace(/\\(.)/g, '$1')}`}`
      rest = rest.slice(header.length)
      continue
    }
    const [start, key = ''] = KEY.exec(rest) ?? []
    if (start === undefined) return null
    rest = rest.slice(start.length)
    if (rest === '' || rest.startsWith('\n')) continue
    const value = rest.startsWith('=') ? readValue(rest.slice(1)) : null
    if (value === null) return null
    values.set(`${section}.${key.toLowerCase()}`, value.text)
    rest = value.rest
  }
}

/** A value up to the end of its line, and what comes after; null where git finds a mistake: a quote that does not end, an unknown escape. */
function readValue(source: string): { readonly text: string; readonly rest: string } | null {
  let text = ''
  let blanks = ''
  let quoted = false
  let index = 0
  for (; index < source.length; index++) {
    const char = source.charAt(index)
    if (char === '\n') break
    if (!quoted && /[ \t\r]/.test(char)) {
      // Those at both ends do not count.
      if (text !== '') blanks += char
      continue
    }
    if (!quoted && /[#;]/.test(char)) {
      const end = source.indexOf('\n', index)
      return { text, rest: end < 0 ? '' : source.slice(end) }
    }
    text += blanks
    blanks = ''
    if (char === '"') quoted = !quoted
    else if (char !== '\\') text += char
    else {
      const next = source.charAt(++index)
      if (next === '\n') continue
      const escaped = ESCAPES[next]
      if (escaped === undefined) return null
      text += escaped
    }
  }
  return quoted ? null : { text, rest: source.slice(index) }
}
