const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes for people, in git's units: `0 bytes`, `1 byte`, `1.2 MiB`. */
export function showBytes(bytes: number): string {
  if (bytes < 1024) return showCount(bytes, 'byte')
  const exponent = Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length)
  return `${(bytes / 1024 ** exponent).toFixed(1)} ${UNITS[exponent - 1]}`
}

/** A duration for people: `420 ms`, `3.4 s`, `2 min 5 s`, `1 h 2 min`. */
export function showDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `1 ref`, `2 refs`. */
export const showCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** How far a transfer is: `12.3 MiB received, 4.1 MiB/s`. */
export const describeProgress = (bytes: number, milliseconds: number): string =>
  `${showBytes(bytes)} received, ${showBytes(milliseconds > 0 ? Math.round((bytes * 1000) / milliseconds) : bytes)}/s`

/** `2026-11-25 08:30:00 UTC`. @param time milliseconds since 1970 */
export const showTime = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`
