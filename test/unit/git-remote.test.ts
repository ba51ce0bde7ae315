import {describe, expect, test} from 'vitest'
import {repositoryIn} from '../../src/git-remote.ts'

const github = 'https://api.github.com'
const enterprise = 'https://github.example.com/api/v3'

describe("a git remote's address", () => {
  test.each([
    'https://github.com/desk/bots',
    'https://github.com/desk/bots.git',
    'https://github.com/desk/bots/',
    'https://user:secret@github.com/desk/bots.git',
    'git@github.com:desk/bots.git',
    'github.com:desk/bots',
    'ssh://git@github.com/desk/bots.git',
    'ssh://git@ssh.github.com:443/desk/bots.git',
    'git://github.com/desk/bots.git',
  ])('%s is of desk/bots', (remote) => {
    expect(repositoryIn(remote, github)).toBe('desk/bots')
  })

  test.each([
    ['https://github.example.com/desk/bots.git', enterprise],
    ['git@github.example.com:desk/bots.git', enterprise],
    ['https://desk.ghe.com/desk/bots', 'https://api.desk.ghe.com'],
  ])('%s is of desk/bots where the API is %s', (remote, apiUrl) => {
    expect(repositoryIn(remote, apiUrl)).toBe('desk/bots')
  })

  test.each([
    'https://gitlab.com/desk/bots.git',
    'git@gitlab.com:desk/bots.git',
    'https://github.com.example.com/desk/bots',
    'https://github.com/desk',
    'https://github.com/desk/bots/tree/main',
    'git@github.com:../bots.git',
    '/srv/git/bots.git',
    '../bots',
    'C:\\bots',
    '',
  ])('%s names no repository on GitHub', (remote) => {
    expect(repositoryIn(remote, github)).toBeUndefined()
  })
})
