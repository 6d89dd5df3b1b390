/** The place of the cause: the user's settings or credentials, the host's identity, the other server, the network, another writer, or this program. */
export type Fault = 'settings' | 'auth' | 'host-key' | 'remote' | 'network' | 'race' | 'bug'

export interface KindOfError {
  readonly fault: Fault
  /** The title of an annotation, and the heading in docs/troubleshooting.md. */
  readonly title: string
  /** Advice: one sentence without a full stop. */
  readonly hint: string
}

/** One kind of a table. */
export const of = (fault: Fault, title: string, { hint }: { readonly hint: string }): KindOfError => ({ fault, title, hint })
