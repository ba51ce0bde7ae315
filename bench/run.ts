// npm run bench: every figure next to what it is measured against, in one run on one machine; npm run bench -- fleet: those of a part;
// npm run bench -- archive --rows 1000000: with as many trades.
import {parseArgs} from 'node:util'
import {archive} from './archive.ts'
import {devServer} from './dev-server.ts'
import {fleet} from './fleet.ts'
import {packageSize} from './package-size.ts'
import {python} from './python.ts'
import {rehearsal} from './rehearsal.ts'
import {requests} from './requests.ts'
import {rotation} from './rotation.ts'
import {startup} from './startup.ts'

/** One measured figure: what it is, what it may be at most, and what it was. */
export type Figure = {figure: string; goal: string; measured: string; isMet: boolean}

const {values, positionals: wanted} = parseArgs({options: {rows: {type: 'string', default: '100000'}}, allowPositionals: true})
const parts = {startup, requests, fleet, rehearsal, rotation, archive: () => archive(Number(values.rows)), devServer, python, packageSize}
const unknown = wanted.find((name) => !Object.hasOwn(parts, name))
if (unknown !== undefined) throw new Error(`There is no part ${unknown}; there are ${Object.keys(parts).join(', ')}.`)

const figures: Figure[] = []
for (const [name, measure] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) figures.push(...(await measure()))
console.table(Object.fromEntries(figures.map(({figure, goal, measured, isMet}) => [figure, {goal, measured, met: isMet ? 'yes' : 'NO'}])))
process.exitCode = figures.every(({isMet}) => isMet) ? 0 : 1
