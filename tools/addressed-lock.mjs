// Prints package-lock.json with the address of each package at a registry: node tools/addressed-lock.mjs REGISTRY
import { readFileSync } from 'node:fs'

const [registry = ''] = process.argv.slice(2)
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
for (const [place, entry] of Object.entries(lock.packages)) {
  // Without a sum, npm would take whatever is there.
  if (entry.integrity === undefined || entry.resolved !== undefined) continue
  const name = entry.name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const file = `${name.slice(name.indexOf('/') + 1)}-${entry.version}.tgz`
  entry.resolved = new URL(`${name}/-/${file}`, registry.replace(/\/*$/, '/')).href
}
process.stdout.write(JSON.stringify(lock))
