/** Any text as one word for `sh`. */
export const shellQuote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** The same for a command that people read and copy: without quotes where none are needed. A tilde needs them, also behind a colon. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellQuote(word))
