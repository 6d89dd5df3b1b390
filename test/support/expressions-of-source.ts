import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'
import { temporaryDirectory } from './temporary-directory.ts'

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url))

/** A place where a file has a regular expression, or builds one. */
export interface SourceExpression {
  readonly file: string
  /** As it stands there. */
  readonly text: string
  /** null = it is built at run time. */
  readonly expression: RegExp | null
}

/** All regular expressions of src/, as TypeScript parses it. Nothing is checked, so no library is read. */
export function expressionsOfSource(): SourceExpression[] {
  const directory = temporaryDirectory()
  const compilerOptions = { noLib: true, noResolve: true, noEmit: true, types: [], allowImportingTsExtensions: true }
  const project = join(directory, 'tsconfig.json')
  writeFileSync(project, JSON.stringify({ compilerOptions, include: [`${SOURCE}/**/*.ts`] }))
  const api = new API({ cwd: directory })
  try {
    const program = api.updateSnapshot({ openProject: project }).getProjects()[0]?.program
    const names = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
    return names.flatMap(name => {
      const parsed = program?.getSourceFile(join(SOURCE, name))
      if (parsed === undefined) throw new Error(`${name} was not parsed`)
      const file = name.replaceAll('\\', '/')
      return [...expressionsIn(parsed, parsed.text)].map(one => ({ file, ...one }))
    })
  } finally {
    api.close()
  }
}

/** A node begins with the blanks and comments before it. */
const BEFORE = /^(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)+/

function* expressionsIn(node: Node, source: string): Generator<Omit<SourceExpression, 'file'>> {
  const text = source.slice(node.pos, node.end).replace(BEFORE, '')
  if (node.kind === SyntaxKind.RegularExpressionLiteral) yield { text, expression: expressionOf(text) }
  else if (node.kind === SyntaxKind.NewExpression || node.kind === SyntaxKind.CallExpression) {
    if (/^(?:new )?RegExp\(/.test(text)) yield { text, expression: null }
  }
  const children: Node[] = []
  node.forEachChild(child => void children.push(child))
  for (const child of children) yield* expressionsIn(child, source)
}

function expressionOf(literal: string): RegExp {
  const end = literal.lastIndexOf('/')
  return new RegExp(literal.slice(1, end), literal.slice(end + 1))
}
