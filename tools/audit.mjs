// Asks the registry for known vulnerabilities of the packages in the lock file: `npm run audit`. A registry without this service is reported, not failed.
import { spawnSync } from 'node:child_process'

const WITHOUT_AUDIT = [404, 405, 501]

const { stdout, stderr, status } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', shell: process.platform === 'win32' })
const { vulnerabilities, statusCode } = parse(stdout)
if (WITHOUT_AUDIT.includes(statusCode)) {
  console.log(`not checked: the registry has no audit (it answers ${statusCode})`)
} else if (vulnerabilities === undefined) {
  console.log(`the registry could not be asked: ${stderr.trim() || stdout.trim()}`)
  process.exitCode = 1
} else {
  const found = Object.values(vulnerabilities)
  for (const { name, range, severity, via } of found)
    console.log(`${name} ${range}: ${severity}: ${via.map(one => one.url ?? one).join(', ')}`)
  console.log(found.length === 0 ? 'no known vulnerabilities' : 'update these packages: `npm audit fix` says how')
  process.exitCode = status ?? 1
}

/** @returns an empty object for anything but JSON */
function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
