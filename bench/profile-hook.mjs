// Loaded before our bundle (`node --import`): notes what the process does, and when, without a word of it in src/. It writes the notes to the
// file that BENCH_PROFILE names when the process ends: one JSON array [ms since the process began, what] a line.
import { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { Socket } from 'node:net'

const notes = []
const names = new WeakMap()
const loggedIn = new WeakSet()
let last = null
let sockets = 0

const note = what => {
  last = null
  notes.push([performance.now(), what])
}

const nameOf = socket => {
  if (!names.has(socket)) {
    sockets += 1
    names.set(socket, `connection ${sockets}`)
  }
  return `${names.get(socket)} (port ${socket.remotePort ?? '?'})`
}

// Bytes that come or go without anything else in between are one line.
function noteBytes(socket, verb, bytes) {
  if (last?.socket === socket && last.verb === verb) {
    last.bytes += bytes
    last.note[1] = `${nameOf(socket)}: ${verb} ${last.bytes} bytes, until ${performance.now().toFixed(1)}`
    return
  }
  const line = [performance.now(), `${nameOf(socket)}: ${verb} ${bytes} bytes`]
  notes.push(line)
  last = { socket, verb, bytes, note: line }
}

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (url.startsWith('file:')) note(`read ${url.replace(/^.*\//, '')}`)
    return loaded
  },
})

const { emit } = EventEmitter.prototype
EventEmitter.prototype.emit = function (event, ...values) {
  if (this instanceof Socket) {
    if (event === 'connect' || event === 'secureConnect') note(`${nameOf(this)}: ${event === 'connect' ? 'TCP connected' : 'TLS done'}`)
    else if (event === 'close' && names.has(this)) note(`${nameOf(this)}: closed`)
  } else if (this instanceof ChildProcess) {
    if (event === 'spawn') note(`started ${this.spawnargs.slice(0, 2).join(' ')} (${this.pid})`)
    else if (event === 'exit') note(`ended ${this.spawnfile} (${this.pid})`)
  } else if (event === 'ready' && typeof this.exec === 'function' && !loggedIn.has(this)) {
    loggedIn.add(this)
    note('SSH login done')
  }
  return emit.call(this, event, ...values)
}

const { push } = Socket.prototype
Socket.prototype.push = function (chunk, ...rest) {
  if (chunk && this.remotePort !== undefined) noteBytes(this, 'read', chunk.length)
  return push.call(this, chunk, ...rest)
}

const { _writeGeneric: writeGeneric } = Socket.prototype
Socket.prototype._writeGeneric = function (many, data, ...rest) {
  const bytes = many ? data.reduce((sum, { chunk }) => sum + chunk.length, 0) : data.length
  if (this.remotePort !== undefined) noteBytes(this, 'wrote', bytes)
  return writeGeneric.call(this, many, data, ...rest)
}

const { write } = process.stdout
process.stdout.write = function (...args) {
  note('report')
  return write.apply(this, args)
}

process.on('exit', () => {
  note('exit')
  const ready = [performance.nodeTiming.bootstrapComplete, 'node is ready']
  writeFileSync(process.env.BENCH_PROFILE, [ready, ...notes].map(line => `${JSON.stringify(line)}\n`).join(''))
})
