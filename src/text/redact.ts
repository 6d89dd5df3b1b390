// Ends only at a blank or a slash: quotes, `?` and `#` are not allowed in a password but are found there. Up to its last `@`.
// Linear, because every `://` ends the search that began at the one before.
const USERINFO = /:\/\/[^\s/]*@/g

// Go prints a URL's user as `{name password true}`; git-lfs does so next to some HTTP errors. Linear, because a match starts only where a word
// does and reads two words on; the word after that decides.
const GO_USERINFO = /(^|\s)([^\s{]*)\{\S* \S* (?:true|false)\}/g

/** Text of servers and tools without the user names and passwords of its URLs: `https://user:token@host` → `https://***@host`. */
export const redactUrls = (text: string): string => text.replace(USERINFO, '://***@').replace(GO_USERINFO, '$1$2{***}')

/** The text with each of the forms replaced by `***`. */
export const maskIn = (text: string, forms: readonly string[]): string =>
  forms.reduce((masked, form) => masked.replaceAll(form, '***'), text)
