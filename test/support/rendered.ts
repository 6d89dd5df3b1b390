import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parseFragment } from 'parse5'

type Node = DefaultTreeAdapterTypes.ChildNode
type Element = DefaultTreeAdapterTypes.Element

/** Markdown as a forge shows it: GitHub-flavoured Markdown to HTML, and that as a browser reads it. */
export interface Rendered {
  readonly html: string
  /** Names of all elements, in the order of the document. */
  readonly tags: readonly string[]
  /** Attributes of all elements, as `tag name=value`. */
  readonly attributes: readonly string[]
  readonly links: readonly { readonly text: string; readonly address: string }[]
  /** Each table: the text of its cells, by rows, the head first. */
  readonly tables: readonly (readonly (readonly string[])[])[]
  /** Text of the elements of this name. */
  texts(tag: string): string[]
  /** Everything that is read, without what is only structure. */
  readonly text: string
}

/** HTML in the Markdown stays what it is: what a forge would take out of it must not be there in the first place. */
export function render(markdown: string): Rendered {
  const html = micromark(markdown, {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  })
  const nodes = parseFragment(html).childNodes
  const elements = elementsIn(nodes)
  const named = (tag: string, within: readonly Element[] = elements) => within.filter(({ tagName }) => tagName === tag)
  const cells = (row: Element) => elementsIn(row.childNodes).filter(({ tagName }) => tagName === 'th' || tagName === 'td')
  return {
    html,
    tags: elements.map(({ tagName }) => tagName),
    attributes: elements.flatMap(({ tagName, attrs }) => attrs.map(({ name, value }) => `${tagName} ${name}=${value}`)),
    links: named('a').map(link => ({ text: textOf(link), address: link.attrs.find(({ name }) => name === 'href')?.value ?? '' })),
    tables: named('table').map(table => named('tr', elementsIn(table.childNodes)).map(row => cells(row).map(textOf))),
    texts: tag => named(tag).map(textOf),
    text: nodes.map(textOf).join(''),
  }
}

const elementsIn = (nodes: readonly Node[]): Element[] =>
  nodes.flatMap(node => (defaultTreeAdapter.isElementNode(node) ? [node, ...elementsIn(node.childNodes)] : []))

function textOf(node: Node): string {
  if (defaultTreeAdapter.isTextNode(node)) return node.value
  return defaultTreeAdapter.isElementNode(node) ? node.childNodes.map(textOf).join('') : ''
}
