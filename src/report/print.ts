import type { Host } from '../host/host.ts'
import { reportsJson } from './outputs.ts'
import type { Reports } from './reports.ts'
import { renderTexts, type TextOptions } from './text.ts'
import { withoutSecrets } from './without-secrets.ts'

/** The reports for a terminal, as text or as JSON, in pieces. */
export function print(given: Reports, hide: Host['hide'], { json, ...look }: TextOptions & { readonly json: boolean }): Iterable<string> {
  const reports = withoutSecrets(given, hide)
  return json ? reportsJson(reports) : [renderTexts(reports, look)]
}
