import { type Served, startGit } from './stream.ts'

export type Service = 'upload-pack' | 'receive-pack'

/** A repository of this machine need not allow filters to be asked: whoever reads it here may read all of it anyway. */
const SETTINGS: Readonly<Record<Service, readonly string[]>> = { 'upload-pack': ['-c', 'uploadpack.allowFilter=true'], 'receive-pack': [] }

/** Starts `git upload-pack` or `git receive-pack` on a repository of this machine. */
export const serveRepository = (service: Service, path: string, env: Readonly<Record<string, string>>): Served =>
  startGit([...SETTINGS[service], service, path], { env })
