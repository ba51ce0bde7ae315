import {tursoPlatform} from '../../src/platform/turso.ts'
import {usingServer} from '../helpers/server.ts'
import {describePlatform} from './platform.ts'

// The local server, over a socket, is as near to Turso as a machine without an account comes.
describePlatform('Turso', (use) =>
  usingServer(async ({url, organization, apiToken}) => {
    const open = () => tursoPlatform({apiUrl: url, apiToken, organization, group: 'default'})
    await use(open(), open())
  }),
)
