import {readFile} from 'node:fs/promises'
import {isAbsolute, join, relative, resolve} from 'node:path'
import {StratError} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {type WrittenFile, writeProjectFile} from '../write-file.ts'
import type {Template} from './template.ts'

type NewFile = {target: string; path: string; content: string}

/**
 * The files that a template adds to a project.
 *
 * @throws StratError FILE_OUTSIDE_PROJECT, TEMPLATE_INVALID
 */
export function planTemplateFiles({files, folder}: Template, strategy: string, project: string): Promise<NewFile[]> {
  return Promise.all(
    Object.entries(files).map(async ([name, source]) => {
      const target = inside(project, name.replaceAll('{strategy}', strategy))
      return {target, path: relative(project, target), content: await readSource(inside(folder, source))}
    }),
  )
}

/** Writes the files into the project; one that is there already is kept as it is. */
export const writeTemplateFiles = (files: NewFile[]): Promise<WrittenFile[]> =>
  Promise.all(files.map(async ({target, path, content}) => ({path, status: await translatingStorageErrors(target, () => writeProjectFile(target, content))})))

async function readSource(source: string): Promise<string> {
  try {
    return await readFile(source, 'utf8')
  } catch (cause) {
    throw new StratError('TEMPLATE_INVALID', `The template's file ${source} cannot be read.`, {
      suggestions: ['Write the file, or take it out of the template.'],
      cause,
    })
  }
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
