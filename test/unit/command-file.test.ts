import { describe, expect, test } from '@jest/globals'
import { maskLog, parseCommandFile, withoutMaskCommands } from '../support/command-file.ts'

describe('a command file', () => {
  test.each([
    ['a line', 'a=1\n', { a: '1' }],
    ['a value with both signs', 'a=1<<2=3\n', { a: '1<<2=3' }],
    ['a block', 'a<<END\n1\n\n2=3\nEND\nb=4\n', { a: '1\n\n2=3', b: '4' }],
    ['an empty block', 'a<<END\nEND\n', { a: '' }],
    ['the line endings of Windows', 'a<<END\r\n1\r\nEND\r\nb=2\r\n', { a: '1', b: '2' }],
    ['the later of two', 'a=1\na=2\n', { a: '2' }],
  ])('has %s', (_, text, values) => {
    expect(parseCommandFile(text)).toEqual(values)
  })

  test.each(['no sign', 'a<<END\n1\n'])('is refused: %j', text => {
    expect(() => parseCommandFile(text)).toThrow()
  })
})

test('a log is masked from the command on, in every line of the value, the longest first', () => {
  const log = 'secret\n::add-mask::secret\nsecret secrets\n::add-mask::secrets%0Aline%25two\nsecrets, line%two\n'
  expect(maskLog(log)).toBe('secret\n*** ***s\n***, ***\n')
  expect(withoutMaskCommands(log)).toBe('secret\nsecret secrets\nsecrets, line%two\n')
})
