import { type GitProcess, startGit } from './process.ts'

export type Service = 'upload-pack' | 'receive-pack'

/** Filters need no permission here: the user can read the whole repository anyway. */
const SETTINGS: Readonly<Record<Service, readonly string[]>> = { 'upload-pack': ['-c', 'uploadpack.allowFilter=true'], 'receive-pack': [] }

/** Starts `git upload-pack` or `git receive-pack` on a repository of this machine. */
export const serveRepository = (service: Service, path: string, env: Readonly<Record<string, string>>): GitProcess =>
  startGit([...SETTINGS[service], service, path], { env })
