import { parseRemoteUrl, type RemoteUrl, type UrlProblem } from '../remote/url.ts'
import type { SettingsContext } from './context.ts'

/** The facts that the reading of a local path needs. */
export type Paths = Pick<SettingsContext, 'windows' | 'resolvePath'>

/** The URL in an input. A local path becomes absolute. */
export function parseUrl(text: string, { windows, resolvePath }: Paths, allowInsecureHttp = true): RemoteUrl | UrlProblem {
  const options = { allowInsecureHttp, windows }
  const url = parseRemoteUrl(text, options)
  const isPath = !('problem' in url) && url.protocol === 'file' && !text.startsWith('file://')
  return isPath ? parseRemoteUrl(resolvePath(text), options) : url
}
