import {describe, expect, test} from 'vitest'
import {type Selection, selectDatabases} from '../../../src/fleet/select.ts'
import type {PlatformDatabase} from '../../../src/platform/platform.ts'

const fleet = ['archive', 'live-a', 'live-b', 'notes', 'stage-a', 'stage-condor']
const database = (name: string): PlatformDatabase => ({name, id: name, group: 'default', url: `file:${name}.db`})
const everything: Selection = {names: [], all: true}

async function selected(selection: Partial<Selection>, names = fleet): Promise<string[]> {
  const databases = await selectDatabases({listDatabases: async () => names.map(database)}, {names: [], all: false, ...selection})
  return databases.map(({name}) => name)
}

describe('a selection', () => {
  test.each<[string, Partial<Selection>, string[]]>([
    ['of all', {all: true}, fleet],
    ['by name, in order of name', {names: ['stage-a', 'live-b']}, ['live-b', 'stage-a']],
    ['of all of a stage', {all: true, stage: 'live'}, ['live-a', 'live-b']],
    ['of a stage alone is all of that stage', {stage: 'stage'}, ['stage-a', 'stage-condor']],
    ['of a kind alone is of all: their markers say what they are', {kind: 'archive'}, fleet],
    ['by name and stage', {names: ['live-a', 'stage-a'], stage: 'live'}, ['live-a']],
    ['by name and shard', {names: ['live-a'], shard: {index: 1, count: 1}}, ['live-a']],
  ])('%s', async (_, selection, names) => expect(await selected(selection)).toEqual(names))

  test('by shards is each database once', async () => {
    const shards = await Promise.all([1, 2, 3].map((index) => selected({...everything, shard: {index, count: 3}})))
    expect(shards.flat().sort()).toEqual(fleet)
    expect(shards.every((names) => names.length < fleet.length)).toBe(true)
  })

  test('of a shard that has none is no error: its job in a matrix has nothing to do', async () => {
    const shards = await Promise.all([1, 2].map((index) => selected({...everything, shard: {index, count: 2}}, ['stage-a'])))
    expect(shards.map((names) => names.length).sort()).toEqual([0, 1])
  })

  test.each<[string, Partial<Selection>, string, string, string[]]>([
    ['of nothing', {}, 'SELECTION_EMPTY', 'No strategy is named.', ['Name strategies, or say --all.']],
    ['of nothing in a shard', {shard: {index: 1, count: 2}}, 'SELECTION_EMPTY', 'No strategy is named.', ['Name strategies, or say --all.']],
    ['of names and all', {names: ['stage-a'], all: true}, 'USAGE', 'Names and --all exclude each other.', ['Leave out --all, or the names.']],
    ['of a name twice', {names: ['stage-a', 'live-a', 'stage-a']}, 'USAGE', 'stage-a is named twice.', ['Name each strategy once.']],
    ['of a name that there is not', {names: ['stage-a', 'stage-condr']}, 'STRATEGY_NOT_FOUND', 'There is no strategy stage-condr.', ['stage-condor']],
    [
      'of a stage that the names are not of',
      {names: ['stage-a', 'notes'], stage: 'live'},
      'SELECTION_EMPTY',
      '--stage live leaves no database; there are 1 of no stage, 1 of stage.',
      ['--stage stage'],
    ],
  ])('%s is an error', async (_, selection, code, message, suggestions) => {
    await expect(selected(selection)).rejects.toMatchObject({code, message, suggestions})
  })

  test.each<[string, string[], Partial<Selection>, string, string]>([
    ['a stage', ['live-a', 'live-b'], {stage: 'stage'}, '--stage stage leaves no database; there are 2 of live.', '--stage live'],
    ['a stage where there are archives only', ['archive'], {stage: 'live'}, '--stage live leaves no database; there are 1 of no stage.', '--all'],
    ['all, or a shard of it', [], {all: true, shard: {index: 2, count: 2}}, 'There is no database yet.', 'strat create stage-condor'],
    ['a stage, where there is nothing', [], {stage: 'live'}, 'There is no database yet.', 'strat create stage-condor'],
  ])('of %s is an error where there is none', async (_, names, selection, message, suggestion) => {
    await expect(selected(selection, names)).rejects.toMatchObject({code: 'SELECTION_EMPTY', message, suggestions: [suggestion]})
  })
})
