import { escapeServerText, oneLine } from '../text/escape.ts'
import type { Host } from './host.ts'

type Hiding = Pick<Host, 'hide'>

/** Text that may come from a server, safe to print. Secrets are hidden first, because escaping changes their form, and a changed secret is not found. */
export const printable = (text: string, { hide }: Hiding): string => escapeServerText(hide(text))

/** The same on one line. */
export const printableLine = (text: string, { hide }: Hiding): string => oneLine(hide(text))

/** Debug output that may hold server text. @param label comes before each message */
export const debugTo =
  (host: Hiding & Pick<Host, 'debug'>, label = '') =>
  (message: string): void =>
    host.debug(printable(`${label}${message}`, host))
