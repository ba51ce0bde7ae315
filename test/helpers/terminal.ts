import {spawn} from 'node:child_process'
import {bin} from './strat.ts'

/** Runs its arguments on a pseudo-terminal, types what it is told when it sees a question, and prints what the terminal shows. */
const driver = `
import os, pty, sys, select, time
typed = sys.argv[1].encode().decode('unicode_escape').encode()
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b''
end = time.time() + 20
while time.time() < end:
    ready, _, _ = select.select([fd], [], [], 0.2)
    if ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    if typed and b'?' in seen and b':' in seen:
        os.write(fd, typed)
        typed = b''
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status))
`

type TerminalOptions = {cwd: string; input?: string; env?: Record<string, string>}

/** Runs `strat` as a person does, on a terminal, and types `input` when it asks. Needs python3. */
export function runInTerminal(args: string[], {cwd, input = '', env = {}}: TerminalOptions): Promise<{code: number | null; screen: string}> {
  const child = spawn('python3', ['-c', driver, input, process.execPath, bin, ...args], {cwd, env: {...process.env, CI: '', TERM: 'xterm', ...env}})
  return new Promise((resolve, reject) => {
    let screen = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      screen += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({code, screen}))
  })
}
