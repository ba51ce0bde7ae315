import {type Selection, selectDatabases} from '../fleet/select.ts'
import type {Platform} from '../platform/platform.ts'
import type {ClassPlan, PlanClass} from './class-plan.ts'
import {type Survey, type SurveyDependencies, surveyFleet} from './survey.ts'

export type PrepareDependencies = SurveyDependencies & {platform: Pick<Platform, 'listDatabases' | 'getDatabase' | 'connect'>}

/** More databases in memory than these are worth the time that it takes to be rid of them. */
const manyClasses = 20

/** A fleet that is read, and what is planned for it. Nothing is written yet. */
export type PreparedFleet = Survey & {
  plans: ClassPlan[]
  /** For a database that is found to stand otherwise by the time it is changed. */
  planClass: PlanClass
}

/**
 * Reads the selected databases, each in one request, and plans each class of them.
 *
 * @throws StratError of `selectDatabases`, and of `planClass`
 */
export async function prepareFleet(dependencies: PrepareDependencies, selection: Selection, planClass: PlanClass): Promise<PreparedFleet> {
  const databases = await selectDatabases(dependencies.platform, selection)
  const survey = await surveyFleet(dependencies, databases, selection)
  const plans: ClassPlan[] = []
  // One after the other: what fails first is what is told.
  for (const databases of survey.classes.all()) {
    plans.push(await planClass(databases))
    // Each was rehearsed in a database in memory.
    if (plans.length % manyClasses === 0) await (await import('../fleet/flat-heap.ts')).releaseMemoryDatabases()
  }
  return {...survey, plans, planClass}
}
