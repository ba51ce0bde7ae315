import {parseEnv} from 'node:util'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {removeVariables, setVariables} from '../../../src/secrets/dotenv-text.ts'

const values = {URL: 'new-url', TOKEN: 'new-token'}

describe('the variables of a dotenv file', () => {
  test.each([
    ['an empty file', '', 'URL=new-url\nTOKEN=new-token\n'],
    ['no final line break', 'A=1', 'A=1\nURL=new-url\nTOKEN=new-token\n'],
    ['their place and order', '# top\nTOKEN=old\nA=1\nURL=old\n# end\n', '# top\nTOKEN=new-token\nA=1\nURL=new-url\n# end\n'],
    ['only one of them', 'URL=old\nA=1\n', 'URL=new-url\nA=1\nTOKEN=new-token\n'],
    ['duplicates', 'URL=a\nTOKEN=b\nURL=c\nexport TOKEN=d\nURL=e', 'URL=new-url\nTOKEN=new-token\n'],
    ['export', 'export URL=old\n  export  TOKEN = old\n', 'export URL=new-url\n  export  TOKEN = new-token\n'],
    ['CRLF', 'A=1\r\nURL=old\r\n', 'A=1\r\nURL=new-url\r\nTOKEN=new-token\r\n'],
    ['quotes', 'URL="old # x"\nTOKEN=\'old\' # mine\n', 'URL=new-url\nTOKEN=new-token # mine\n'],
    ['a value over several lines', 'URL="a\nTOKEN=b\n"\nTOKEN=c\n', 'URL=new-url\nTOKEN=new-token\n'],
    ['their names inside of another value', 'KEY="-----\nTOKEN=x\n-----"\n', 'KEY="-----\nTOKEN=x\n-----"\nURL=new-url\nTOKEN=new-token\n'],
    ['their names in comments', '# TOKEN=old\nURL=\nTOKEN=#none\n', '# TOKEN=old\nURL=new-url\nTOKEN=new-token #none\n'],
    ['names that only begin alike', 'URL_2=x\nMY_TOKEN=y\n', 'URL_2=x\nMY_TOKEN=y\nURL=new-url\nTOKEN=new-token\n'],
  ])('are set: %s', (_, text, expected) => {
    expect(setVariables(text, values)).toBe(expected)
  })

  test.each([
    ['among others', '# top\nTOKEN=old\nA=1\nURL="old\n2"\n# end', '# top\nA=1\n# end'],
    ['alone', 'export URL=a\r\nTOKEN=b', ''],
    ['not there', 'A=1', 'A=1'],
  ])('are removed: %s', (_, text, expected) => {
    expect(removeVariables(text, ['URL', 'TOKEN'])).toBe(expected)
  })

  test('are not touched where programs would disagree on what is theirs', () => {
    expect(setVariables('A= \nURL=x\n', values)).toBeUndefined()
    expect(removeVariables('A= \nURL=x\n', ['URL'])).toBeUndefined()
  })

  test('whatever is in the file: then both are as set, all others as they were, or nothing is done', () => {
    const line = fc.oneof(
      fc.constantFrom('URL=a', 'export TOKEN="b"', "TOKEN='c\nURL=d'", '# TOKEN=e', '', 'A="x', "B='y", 'C=`z`', 'D=1 # d', 'URL', ' TOKEN = f '),
      fc.string({maxLength: 12}),
    )
    let edited = 0
    fc.assert(
      fc.property(fc.array(line, {maxLength: 8}), fc.constantFrom('\n', '\r\n'), (lines, lineBreak) => {
        const text = lines.join(lineBreak)
        const result = setVariables(text, values)
        if (result === undefined) return
        edited += 1
        expect({...parseEnv(result)}).toEqual({...parseEnv(text), ...values})
        expect(setVariables(result, values)).toBe(result)
        const rest = removeVariables(result, ['URL', 'TOKEN'])
        if (rest !== undefined) expect(parseEnv(rest)).not.toHaveProperty('URL')
      }),
      {numRuns: 2000},
    )
    expect(edited).toBeGreaterThan(1000)
  })
})
