import { orElse } from '../tasks/or-else.ts'

// git leaves a `%` without two hex digits as it is (url.c, url_decode_internal).
const ENCODED = /(?:%[0-9a-f]{2})+/gi

const NEEDS_ENCODING = /[^A-Za-z0-9\-._~/!$&'()*+,;=:@]/gu

/** `text` with its percent-encoding resolved as git does it (but for `%00`, which git leaves alone); null where the bytes are no UTF-8. */
export const decodePercent = (text: string): string | null => orElse(null, () => text.replace(ENCODED, decodeURIComponent))

/** A path from which `decodePercent` gives the same path again; what a path may hold stays readable. */
export const encodePath = (path: string): string => path.replace(NEEDS_ENCODING, encodeURIComponent)
