import {Agent, request} from 'node:http'
import {buffer} from 'node:stream/consumers'
import type {FleetServer} from './fleet-process.ts'
import type {Figure} from './run.ts'

const connections = 16
const seconds = 3

/** How many surveys a second the fleet's server answers alone, without latency, over connections that stay: what it must not be, the bottleneck. */
export async function capacityOf({databases}: FleetServer, body: string): Promise<Figure> {
  const agent = new Agent({keepAlive: true})
  const ask = (url: string) =>
    new Promise<void>((resolve, reject) => {
      const sent = request(`${url}/v2/pipeline`, {method: 'POST', agent}, (answer) => void buffer(answer).then(() => resolve(), reject))
      sent.once('error', reject).end(body)
    })
  let answers = 0
  const begin = performance.now()
  const client = async (index: number) => {
    for (; performance.now() - begin < seconds * 1000; answers++) await ask(databases[index]?.url ?? '')
  }
  await Promise.all(Array.from({length: connections}, (_, index) => client(index)))
  agent.destroy()
  const rate = answers / ((performance.now() - begin) / 1000)
  return {figure: 'fleet: surveys a second that its server answers alone', goal: 'report', measured: rate.toFixed(0), isMet: true}
}
