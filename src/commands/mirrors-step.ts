import { Failure } from '../errors/failure.ts'
import { publicHalfOf } from '../keys/public-half.ts'
import { failsStep } from '../report/exit.ts'
import { type ReadMirror, UNREAD } from '../settings/config/mirrors.ts'
import { readSettings } from '../settings/parse-settings.ts'
import { isBlank } from '../settings/values.ts'
import { readMirror, runMirrors } from './mirrors.ts'
import type { Step } from './step.ts'

/** `operation: mirror`, `verify` and `purge-backups`: the mirrors of `config`, one after the other, or the one that the inputs describe. Resolves with the exit code. */
export async function mirrorStep(step: Step): Promise<number> {
  const { raw, context } = step
  if (isBlank(raw.config)) return await runAndPublish([await readMirror(raw, context)], step)
  const { configOf, readConfiguredMirrors } = await import('./configured-mirrors.ts')
  return await runAndPublish(await readConfiguredMirrors(configOf(step)), step)
}

/** Reports a step that could not begin as a mirror that failed. Resolves with the exit code. */
export async function failStep(error: unknown, step: Step): Promise<number> {
  const { raw, context } = step
  const { partial } = await readSettings(raw, context)
  return await runAndPublish([{ name: '', raw, ...UNREAD, partial, failure: Failure.from(error) }], step)
}

async function runAndPublish(mirrors: readonly ReadMirror[], { host, runtime, context: { run } }: Step): Promise<number> {
  const reports = await runMirrors(mirrors, host, { runtime, run, jobs: 1 })
  // Loaded at the end, so that it does not delay the connections.
  const { publish } = await import('../report/publish.ts')
  const published = await publish(reports, host, mirrors[0]?.name === '' ? { 'ssh-public-key': publicKeyOf(mirrors[0]) } : {})
  return !published || reports.mirrors.some(({ report, failOn }) => failsStep(report, failOn)) ? 1 : 0
}

const publicKeyOf = ({ settings }: ReadMirror): string =>
  (settings && publicHalfOf(settings.there.secret ?? '', settings.there.passphrase)) ?? ''
