// npm run bench: every figure next to what it is measured against, in one run on one machine.
import {devServer} from './dev-server.ts'
import {packageSize} from './package-size.ts'
import {python} from './python.ts'
import {requests} from './requests.ts'
import {startup} from './startup.ts'

/** One measured figure: what it is, what it may be at most, and what it was. */
export type Figure = {figure: string; goal: string; measured: string; isMet: boolean}

const figures = [...(await startup()), ...(await requests()), ...(await devServer()), ...(await python()), ...(await packageSize())]
console.table(Object.fromEntries(figures.map(({figure, goal, measured, isMet}) => [figure, {goal, measured, met: isMet ? 'yes' : 'NO'}])))
process.exitCode = figures.every(({isMet}) => isMet) ? 0 : 1
