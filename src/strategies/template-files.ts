import {readFile} from 'node:fs/promises'
import {isAbsolute, join, relative, resolve} from 'node:path'
import {StratError} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {type WrittenFile, writeProjectFile} from '../write-file.ts'
import type {Template} from './template.ts'

type Copy = {source: string; target: string; path: string}

/**
 * Where a template's files come from and go to.
 *
 * @throws StratError FILE_OUTSIDE_PROJECT
 */
export function planTemplateFiles({files, folder}: Template, strategy: string, project: string): Copy[] {
  return Object.entries(files).map(([name, source]) => {
    const target = inside(project, name.replaceAll('{strategy}', strategy))
    return {source: inside(folder, source), target, path: relative(project, target)}
  })
}

/** Copies the files into the project; one that is there already is kept as it is. */
export const writeTemplateFiles = (copies: Copy[]): Promise<WrittenFile[]> =>
  Promise.all(copies.map(async (copy) => ({path: copy.path, status: await copyFile(copy)})))

async function copyFile({source, target}: Copy): Promise<WrittenFile['status']> {
  const content = await readFile(source, 'utf8').catch((cause) => {
    throw new StratError('TEMPLATE_INVALID', `The template's file ${source} cannot be read.`, {cause})
  })
  return translatingStorageErrors(target, () => writeProjectFile(target, content))
}

function inside(folder: string, path: string): string {
  const full = resolve(folder, path)
  const way = relative(folder, full)
  if (isAbsolute(path) || way.startsWith('..') || way === '') {
    throw new StratError('FILE_OUTSIDE_PROJECT', `The template names ${path}, which is not inside ${folder}.`, {
      suggestions: ['Use paths relative to that folder.'],
    })
  }
  return join(folder, way)
}
