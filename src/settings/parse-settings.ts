import type { Kind } from '../errors/kinds.ts'
import { parseKnownHostKeys } from '../host-keys/known-hosts.ts'
import { problemsOfRegex } from '../refs/regex.ts'
import { narrowsBranches } from '../refs/tag-scope.ts'
import { isSameRepository } from '../remote/same-repository.ts'
import { type PerSide, SIDES } from '../remote/side.ts'
import type { SettingsContext } from './context.ts'
import { isChanged, POLICIES, rolesOf } from './direction.ts'
import { type ChoiceOf, choicesOf, findInput, hasTrait, type InputName, inputsWith, type RawInputs } from './inputs.ts'
import { readLfs } from './lfs.ts'
import { isDryRun, operationOf, runIn } from './operation.ts'
import { type Notes, type Problem, type Reading, settingsFailure } from './problems.ts'
import { readHere, readThere } from './remotes.ts'
import { reservedBy } from './reserved.ts'
import { NO_SCHEDULE, needsState, readSchedule } from './schedule.ts'
import type { Remote, Settings } from './settings.ts'
import { parseUrl } from './url.ts'
import {
  isBlank,
  parseBoolean,
  parseChoice,
  parseChoices,
  parseMaxDeletions,
  parseNames,
  parsePatterns,
  parsePushOptions,
  parseWholeNumber,
} from './values.ts'

interface ReadSettings {
  /** null if there is a problem. */
  readonly settings: Settings | null
  /** The settings in spite of the problems, needed to report these in an issue; null if the two repositories are not known. */
  readonly partial: Settings | null
  readonly problems: readonly Problem[]
}

/** Problems that were found while the inputs were read. */
export interface EarlierProblems {
  readonly problems: readonly string[]
  /** Inputs whose file could not be read: nothing else is wrong with them. */
  readonly unread?: readonly InputName[]
}

const NONE: EarlierProblems = { problems: [] }

/** Raw inputs → settings. Pure. @throws Failure with every problem at once */
export function parseSettings(raw: RawInputs, context: SettingsContext, earlier = NONE): Settings {
  const { settings, problems } = checkSettings(raw, context, earlier)
  if (settings === null) throw settingsFailure(problems)
  return settings
}

/** Raw inputs → settings, with `branch-regex` checked as well; its library is only loaded if it is set. */
export async function readSettings(raw: RawInputs, context: SettingsContext, earlier = NONE): Promise<ReadSettings> {
  const ofRegex = await problemsOfRegex(raw['branch-regex'], context.nameOf('branch-regex'))
  return checkSettings(raw, context, { ...earlier, problems: [...earlier.problems, ...ofRegex] })
}

/** One function, because it is a list: each setting has its line. */
function checkSettings(raw: RawInputs, context: SettingsContext, { problems: earlier, unread = [] }: EarlierProblems): ReadSettings {
  const problems: Problem[] = earlier.map(text => ({ text }))
  const warnings: string[] = []
  const note = (input: InputName, predicate: string, kind?: Kind) =>
    void problems.push({ text: `${context.nameOf(input)} ${predicate}`, input, kind })
  const sentence = (input: InputName, text: string) => void problems.push({ text: `${context.nameOf(input)}: ${text}`, input })
  const textOf = (input: InputName): string => raw[input]?.trim() || findInput(input)?.default || ''
  const read: Reading['read'] = (input, parse, otherwise) => {
    const text = textOf(input)
    if (text === '') return otherwise
    const parsed = parse(text)
    if ('value' in parsed) return parsed.value
    note(input, parsed.problem)
    return otherwise
  }
  const flag = (input: InputName) => read(input, parseBoolean, false)
  const choice = <N extends InputName>(input: N, otherwise: ChoiceOf<N>): ChoiceOf<N> =>
    read(input, text => parseChoice(text, choicesOf(input)), otherwise)

  const allowInsecureHttp = flag('allow-insecure-http')
  const url: Reading['url'] = (input, text) => {
    const parsed = parseUrl(text, context, allowInsecureHttp)
    if (!('problem' in parsed)) return parsed
    sentence(input, parsed.problem)
    return null
  }

  const reading: Reading = { problem: note, sentence, warn: text => void warnings.push(text), read, url }
  const here = readHere(raw, context, reading)
  const there = readThere(raw, context, reading)

  const knownHostKeys = raw['known-host-keys'] ?? ''
  const keys = parseKnownHostKeys(knownHostKeys)
  for (const problem of keys.problems) sentence('known-host-keys', problem)
  warnings.push(...keys.warnings.map(warning => `${context.nameOf('known-host-keys')}: ${warning}`))

  const direction = choice('direction', 'push')
  const { keepDivergent, prune, pruneRegardless } = POLICIES[direction]
  const operation = runIn(raw)
  const schedule = readSchedule(reading, here, context.run?.manual ?? false)
  const dryRun = flag('dry-run') || isDryRun(raw)
  const selection = { branches: read('branches', parsePatterns, []), tags: read('tags', parsePatterns, []) }
  const branchRegex = raw['branch-regex']?.trim() || null
  const protectedOnly = flag('protected-only')
  const isNarrowed = branchRegex !== null || protectedOnly || narrowsBranches(selection)
  const settings = {
    operation,
    direction,
    knownHostKeys,
    selection,
    branchRegex,
    tagScope: choice('tag-scope', isNarrowed && selection.tags.length === 0 ? 'reachable' : 'all'),
    protectedOnly,
    protectedBranches: read('protected-branches', parseNames, []),
    keepDivergent: read('keep-divergent', parseBoolean, keepDivergent),
    prune: choice('prune', prune),
    maxDeletions: read('max-deletions', parseMaxDeletions, 'default' as const),
    backup: flag('backup'),
    backupDays: read('backup-days', text => parseWholeNumber(text, { from: 0, to: 36_500 }), 30),
    allowUnrelated: flag('allow-unrelated'),
    atomic: flag('atomic'),
    defaultBranch: choice('default-branch', 'no'),
    refsPerPush: read('refs-per-push', text => parseWholeNumber(text, { from: 1, to: 5000 }), null),
    pushOptions: read('push-options', parsePushOptions, []),
    transfer: choice('transfer', 'auto'),
    ...readLfs(raw, { here, there }, context, reading),
    dryRun,
    retries: read('retries', text => parseWholeNumber(text, { from: 0, to: 10 }), 3),
    timeoutMinutes: read('timeout-minutes', text => parseWholeNumber(text, { from: 1, to: 7200 }), 60),
    failOn: read('fail-on', text => parseChoices(text, choicesOf('fail-on')), new Set<never>()),
    caCertificate: raw['ca-certificate']?.trim() || null,
    clientCertificate: raw['client-certificate']?.trim() || null,
    clientKey: raw['client-key']?.trim() || null,
    schedule: dryRun || operationOf(raw) !== 'mirror' ? NO_SCHEDULE : schedule,
    reserved: context.run && here ? reservedBy(context.run, here.url, context.serverUrl) : null,
    serverUrl: context.serverUrl,
    apiUrl: context.apiUrl,
    secretsPage: context.run?.secretsPage ?? null,
    warnings,
  }
  choice('operation', 'mirror')
  if (operation !== 'mirror' && needsState(schedule)) {
    const kind = operation === 'verify' ? 'verification' : 'purge'
    warnings.push(
      `\`min-interval\`, \`pause-after\` and \`failure-issue\` have no effect on a ${kind}: it always runs, and fails on its own`,
    )
  }
  if (settings.failOn.has('never') && settings.failOn.size > 1) sentence('fail-on', '`never` excludes the others')
  for (const input of ['config-mirror', 'config-may-set'] as const) if (raw[input]?.trim()) note(input, 'has an effect only with `config`')
  checkProtected(settings, here, note)
  if (settings.keepDivergent && settings.prune === 'all' && !pruneRegardless)
    sentence('prune', '`all` contradicts `keep-divergent`, which deletes nothing')
  if (settings.atomic && settings.refsPerPush !== null) sentence('refs-per-push', 'contradicts `atomic`, which needs a single push')
  if (settings.caCertificate !== null && !settings.caCertificate.includes('-----BEGIN CERTIFICATE-----'))
    note('ca-certificate', 'must be certificates in PEM (-----BEGIN CERTIFICATE-----)')
  checkClientCertificate(settings, note)
  checkReadOnly(settings, { here, there }, note)
  if (here !== null && there !== null && isSameRepository(here.url, there.url))
    note('remote-url', `is the same repository as the ${rolesOf(direction).source === 'here' ? 'source' : 'destination'}: ${there.url}`)
  const missing = missingSecrets(raw, context, { here, there })
  // Other problems of a missing secret only follow from its absence, and so do all of an input that could not be read.
  const isUnread = ({ input }: Problem) => input !== undefined && unread.includes(input)
  const others = problems.filter(one => !missing.some(({ input }) => input === one.input))
  const all = [...others, ...missing].filter(one => !isUnread(one))
  const partial = here === null || there === null ? null : Object.freeze({ here, there, ...settings })
  return { settings: all.length > 0 ? null : partial, partial, problems: all }
}

/** The secrets that a file names and that are missing, each with where it should be. A side with an SSH agent, a local path or a `git://` URL needs none. */
function missingSecrets(raw: RawInputs, { namedSecret, run, nameOf }: SettingsContext, { here, there }: PerSide<Remote | null>): Problem[] {
  const page = run?.secretsPage ? `; secrets are stored at ${run.secretsPage}` : ''
  return inputsWith('secret').flatMap(input => {
    const where = isBlank(raw[input]) ? namedSecret(input) : null
    const side = hasTrait(input, 'here') ? here : there
    return where === null || side?.url.protocol === 'file' || side?.url.protocol === 'git' || side?.agentSocket
      ? []
      : [{ input, kind: 'credentials-missing', text: `${nameOf(input)} is missing: ${where}${page}` }]
  })
}

type OwnSettings = Omit<Settings, 'here' | 'there'>

/** Without a login a server cannot know who pushes, so git's daemon takes no push unless it takes everyone's. */
function checkReadOnly({ operation, direction }: OwnSettings, sides: PerSide<Remote | null>, note: Notes['problem']): void {
  for (const side of SIDES) {
    const url = sides[side]?.url
    if (url?.protocol !== 'git' || operation === 'verify' || !isChanged(side, direction)) continue
    note(
      side === 'here' ? 'repository-url' : 'remote-url',
      `is a destination, and \`git://\` is only for reading: use an ssh or https URL, not ${url}`,
    )
  }
}

function checkProtected({ protectedOnly, protectedBranches }: OwnSettings, here: Remote | null, note: Notes['problem']): void {
  if (!protectedOnly && protectedBranches.length > 0) note('protected-branches', 'has an effect only with `protected-only: true`')
  if (protectedOnly && protectedBranches.length === 0 && here !== null && !/^https?$/.test(here.url.protocol))
    note('protected-only', `needs the API of a forge, and ${here.url} has none: name the branches in \`protected-branches\``)
}

function checkClientCertificate({ clientCertificate, clientKey }: OwnSettings, note: Notes['problem']): void {
  const isKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/
  if (clientCertificate === null) {
    if (clientKey !== null) note('client-key', 'has no effect without `client-certificate`')
    return
  }
  if (!clientCertificate.includes('-----BEGIN CERTIFICATE-----'))
    note('client-certificate', 'must be a certificate in PEM (-----BEGIN CERTIFICATE-----)')
  if (clientKey === null && !isKey.test(clientCertificate)) note('client-key', 'is missing: the certificate contains no private key')
  if (clientKey !== null && !isKey.test(clientKey)) note('client-key', 'must be a private key in PEM (-----BEGIN … PRIVATE KEY-----)')
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(`${clientCertificate}${clientKey ?? ''}`))
    note('client-key', 'is encrypted: decrypt it first (`openssl pkey -in key.pem -out plain.pem`)')
}
