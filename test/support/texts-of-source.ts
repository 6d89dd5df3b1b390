/** A piece of a source file that people read. */
export interface SourceText {
  readonly kind: 'comment' | 'text'
  readonly line: number
  /** Comments without their marks; texts with `code` in the place of a value, and with their escapes resolved. */
  readonly text: string
}

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/y
const QUOTED = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y
/** A slash behind one of these begins a regular expression, not a division. */
const BEFORE_REGEX = /(?:[-(,=:[!&|?{};+>\n]|\breturn|^)\s*$/

/** The comments and the texts of a source file, in their order. Lines of a block of `//` are one comment. */
export function textsOfSource(source: string): SourceText[] {
  const found: SourceText[] = []
  /** The line on which a block of `//` would go on. */
  let nextOfBlock = 0
  const lineAt = (index: number): number => source.slice(0, index).split('\n').length
  const matchAt = (pattern: RegExp, index: number): string | null => {
    pattern.lastIndex = index
    return pattern.exec(source)?.[0] ?? null
  }
  /** Reads code up to the end, or to the brace that ends a value in a template. @returns where it stopped */
  const readCode = (from: number): number => {
    let depth = 0
    for (let at = from; at < source.length; ) {
      const char = source[at] ?? ''
      const comment = char === '/' ? matchAt(COMMENT, at) : null
      const other =
        comment ?? matchAt(QUOTED, at) ?? (char === '/' && BEFORE_REGEX.test(source.slice(from, at)) ? matchAt(REGEX, at) : null)
      if (comment !== null) addComment(at, comment)
      else if (other !== null && char !== '/') found.push({ kind: 'text', line: lineAt(at), text: unescaped(other.slice(1, -1)) })
      if (other !== null) at += other.length
      else if (char === '`') at = readTemplate(at)
      else {
        if (char === '}' && depth === 0 && from > 0) return at
        depth += char === '{' ? 1 : char === '}' ? -1 : 0
        at += 1
      }
    }
    return source.length
  }
  /** @returns behind its end */
  const readTemplate = (start: number): number => {
    const place = found.length
    let text = ''
    let at = start + 1
    while (at < source.length && source[at] !== '`')
      if (source.startsWith('${', at)) {
        at = readCode(at + 2) + 1
        text += 'code'
      } else {
        const step = source[at] === '\\' ? 2 : 1
        text += source.slice(at, at + step)
        at += step
      }
    found.splice(place, 0, { kind: 'text', line: lineAt(start), text: unescaped(text) })
    return at + 1
  }
  const addComment = (start: number, comment: string) => {
    const isLine = comment.startsWith('//')
    const text = isLine ? comment.slice(2) : comment.replace(/^\/\*\*?|\*\/$/g, '').replace(/^\s*\* ?/gm, '')
    const line = lineAt(start)
    const isNext = isLine && line === nextOfBlock && found.at(-1)?.kind === 'comment'
    const block = isNext ? found.pop() : undefined
    found.push(block === undefined ? { kind: 'comment', line, text: text.trim() } : { ...block, text: `${block.text}\n${text.trim()}` })
    nextOfBlock = isLine ? line + 1 : 0
  }
  readCode(0)
  return found
}

const unescaped = (text: string): string => text.replace(/\\n/g, '\n').replace(/\\(.)/g, '$1')
