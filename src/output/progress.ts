import type {OnProgress} from '../progress.ts'

/** Shows on a terminal the one step that is going on, on a line that the next one takes over; off a terminal nothing. */
export function progressLine(stream: NodeJS.WriteStream): {onProgress: OnProgress; clear(): void} {
  let shown = ''
  const redraw = (text: string) => {
    if (stream.isTTY && text !== shown) stream.write(`\r\u001B[2K${text}`)
    shown = text
  }
  return {
    onProgress: ({message}) => redraw(`${message.slice(0, (stream.columns ?? 80) - 2)}…`),
    clear: () => redraw(''),
  }
}
