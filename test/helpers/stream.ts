import {Writable} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'

export type RecordedStream = NodeJS.WriteStream & {
  /** What was written, each write for itself. */
  writes: string[]
  /** The lines that a person sees at the end: one that is erased is gone. */
  lines(): string[]
}

/** A stream as stderr is one: a terminal of so many columns, or none. */
export function recordedStream(columns?: number): RecordedStream {
  const writes: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      writes.push(String(text))
      done()
    },
  })
  const lines = () =>
    writes
      .join('')
      .split('\n')
      .map((line) => stripVTControlCharacters(line.split('\r').at(-1) ?? ''))
  return Object.assign(stream, {writes, lines, isTTY: columns !== undefined, columns}) as unknown as RecordedStream
}
