import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import { debugTo } from '../host/server-text.ts'
import { EXPOSED_MS } from '../limits/limits.ts'
import { publicAddress } from '../remote/forge.ts'
import type { Side } from '../remote/side.ts'
import { parseRemoteUrl } from '../remote/url.ts'
import type { BackupReport } from '../report/report.ts'
import type { Settings } from '../settings/settings.ts'
import { shortened } from '../text/names.ts'
import { showCount } from '../text/quantity.ts'

type LimitedRuntime = Runtime & { readonly signal: AbortSignal }

const NONE: ReadonlyMap<string, string> = new Map()

/** Notices about backups that this run stored and that can be read without a login. Asks a side only if it has such a backup. Never throws. */
export async function exposedBackups(
  backups: readonly BackupReport[],
  settings: Settings,
  host: Host,
  runtime: LimitedRuntime,
): Promise<string[]> {
  const notices: string[] = []
  for (const side of ['there', 'here'] as const) {
    const stored = backups.filter(backup => backup.side === side && backup.outcome === 'stored')
    const shown = stored.length === 0 ? NONE : await refsForAnyone(side, settings, host, runtime)
    const exposed = stored.filter(({ ref, tip }) => shown.get(ref) === tip)
    if (exposed.length > 0) notices.push(noticeOf(exposed, settings))
  }
  return notices
}

/** The mirroring refs that a server shows without credentials. None if this is unknown, because the report only says what is certain. */
async function refsForAnyone(side: Side, settings: Settings, host: Host, { env: environment, alarm, signal: limit }: LimitedRuntime) {
  const url = parseRemoteUrl(publicAddress(settings[side].url) ?? '', { allowInsecureHttp: true })
  if ('problem' in url) return NONE
  const [{ httpTransport }, { openUploadPack }] = await Promise.all([
    import('../transport/http.ts'),
    import('../transfer/relay/upload-pack.ts'),
  ])
  const nobody = {
    username: '',
    secret: null,
    scheme: 'basic',
    clientCertificate: null,
    clientKey: null,
    caCertificate: settings.caCertificate,
  } as const
  const signal = AbortSignal.any([limit, alarm(EXPOSED_MS, new Failure('timed-out', 'no answer'))])
  const times = { idleTimeoutMs: EXPOSED_MS, connectTimeoutMs: EXPOSED_MS, signal }
  const debug = debugTo(host, `${side}, without credentials: `)
  const transport = httpTransport({ side, url, ...nobody, ...times, environment, hide: host.hide, debug })
  try {
    return (await openUploadPack({ transport, side, onWords: () => {}, onBytes: () => {} })).advertisement.mirroringRefs
  } catch {
    return NONE
  } finally {
    transport.close()
  }
}

function noticeOf(exposed: readonly BackupReport[], { backupDays }: Settings): string {
  const names = shortened(exposed.map(({ of }) => of ?? ''))
  const long = backupDays === 0 ? 'until it is removed' : `for ${showCount(backupDays, 'day')}`
  return `the backup of ${names} can be read without a login, ${long}; if it holds a secret, revoke the secret, and remove the backup with \`purge-backups\``
}
