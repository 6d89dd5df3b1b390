import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import { debugTo } from '../host/server-text.ts'
import { EXPOSED_MS } from '../limits/limits.ts'
import type { Side } from '../remote/side.ts'
import type { BackupReport } from '../report/report.ts'
import type { Settings } from '../settings/settings.ts'
import { showCount } from '../text/quantity.ts'

const MAX_NAMES = 5

/** Notices about backups that this run stored where anyone can read them. Asks each side at most once, and only if it has such a backup. Never throws. */
export async function exposedBackups(
  backups: readonly BackupReport[],
  settings: Settings,
  host: Host,
  runtime: Runtime,
): Promise<string[]> {
  const notices: string[] = []
  for (const side of ['there', 'here'] as const) {
    const stored = backups.filter(backup => backup.side === side && backup.outcome === 'stored')
    if (stored.length > 0 && (await isPublic(side, settings, host, runtime))) notices.push(exposed(stored, settings))
  }
  return notices
}

/** Whether git's first request to an HTTP server is answered without credentials. Unknown counts as no. */
async function isPublic(side: Side, settings: Settings, host: Host, { env: environment, alarm }: Runtime): Promise<boolean> {
  const { url } = settings[side]
  if (url.protocol !== 'https' && url.protocol !== 'http') return false
  const { httpTransport } = await import('../transport/http.ts')
  const { caCertificate } = settings
  const nobody = { username: '', secret: null, clientCertificate: null, clientKey: null }
  const times = {
    idleTimeoutMs: EXPOSED_MS,
    connectTimeoutMs: EXPOSED_MS,
    signal: alarm(EXPOSED_MS, new Failure('timed-out', 'no answer')),
  }
  const debug = debugTo(host, `${side}, without credentials: `)
  const transport = httpTransport({ side, url, caCertificate, ...nobody, ...times, environment, hide: host.hide, debug })
  try {
    await transport.open('upload-pack', 2)
    return true
  } catch {
    return false
  } finally {
    transport.close()
  }
}

function exposed(stored: readonly BackupReport[], { backupDays }: Settings): string {
  const names = stored.slice(0, MAX_NAMES).map(({ of }) => of)
  const rest = stored.length - names.length
  const which = `${names.join(', ')}${rest > 0 ? ` and ${showCount(rest, 'more ref')}` : ''}`
  const long = backupDays === 0 ? 'until it is removed' : `for ${showCount(backupDays, 'day')}`
  return `anyone can read the backup of ${which}, ${long}; if it holds a secret, revoke the secret, and remove the backup with \`purge-backups\``
}
