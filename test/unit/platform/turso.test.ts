import {describePlatform} from '../../contract/platform.ts'
import {openTurso} from '../../helpers/turso-platform.ts'
import {usingTursoServer} from '../../helpers/turso-server.ts'

describePlatform('Turso', (use) => usingTursoServer((server) => use(openTurso(server), openTurso(server))))
