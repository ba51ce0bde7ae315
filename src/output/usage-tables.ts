import {type MeasureName, measureLabels, measureNames, type UsageReport} from '../strategies/usage.ts'
import {bytes, count} from './units.ts'

export type Table = {headers: string[]; rows: string[][]}

const units: Record<MeasureName, (value: number) => string> = {databases: String, storageBytes: bytes, rowsRead: count, rowsWritten: count}

/** What is used of the plan, and who uses it: for a person in units to take in at a glance, for a program in whole numbers. */
export function usageTables(report: UsageReport, {forPerson}: {forPerson: boolean}): {plan: Table; databases: Table} {
  const show = (name: MeasureName, value: number | null) => (value === null ? '-' : forPerson ? units[name](value) : String(value))
  const percent = (value: number | null) => (value === null ? '-' : value.toFixed(1))
  return {
    plan: {
      headers: ['', 'USED', 'QUOTA', '%', "MONTH'S END", '%'],
      rows: measureNames.map((name) => {
        const {used, quota, percent: today, projected, projectedPercent} = report[name]
        return [measureLabels[name], show(name, used), show(name, quota), percent(today), show(name, projected), percent(projectedPercent)]
      }),
    },
    databases: {
      headers: ['DATABASE', 'ROWS READ', 'ROWS WRITTEN', 'STORAGE'],
      rows: report.strategies.map(({name, rowsRead, rowsWritten, storageBytes}) => [
        name,
        show('rowsRead', rowsRead),
        show('rowsWritten', rowsWritten),
        show('storageBytes', storageBytes),
      ]),
    },
  }
}
