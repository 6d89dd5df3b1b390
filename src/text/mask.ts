/** The text with each of the forms replaced by `***`. */
export const maskIn = (text: string, forms: readonly string[]): string =>
  forms.reduce((masked, form) => masked.replaceAll(form, '***'), text)
