import {styleText} from 'node:util'
import type {ProgressReporter} from './progress.ts'
import {countText, failureText, operationClock} from './progress-text.ts'

const redrawEveryMs = 100
const eraseLine = '\r\u001B[2K'

/** Progress on a terminal: one line, written anew at most ten times a second, cut to the terminal's width; failures stay above it. */
export function redrawnLine(stream: NodeJS.WriteStream): ProgressReporter {
  const clock = operationClock()
  let wanted = ''
  let shown = ''
  let drawnAt = -redrawEveryMs
  let timer: NodeJS.Timeout | undefined
  const draw = () => {
    clearTimeout(timer)
    timer = undefined
    drawnAt = performance.now()
    if (wanted !== shown) stream.write(`${eraseLine}${wanted}`)
    shown = wanted
  }
  const drawSoon = () => {
    const wait = drawnAt + redrawEveryMs - performance.now()
    if (wait <= 0) draw()
    // Else the last of a burst would not be seen. It keeps no process alive.
    else timer ??= setTimeout(draw, wait).unref()
  }
  return {
    onProgress(progress) {
      if ('failure' in progress) {
        stream.write(`${eraseLine}${styleText('red', cut(failureText(progress.failure), stream), {stream})}\n${shown}`)
      } else if ('done' in progress) {
        wanted = cut(countText(progress, clock(progress)), stream)
        drawSoon()
      } else {
        wanted = cut(`${progress.message}…`, stream)
        draw()
      }
    },
    clear() {
      wanted = ''
      draw()
    },
  }
}

/** To the terminal's width less one, where the cursor stands. */
function cut(text: string, {columns}: NodeJS.WriteStream): string {
  const characters = [...text]
  const room = (columns || 80) - 1
  return characters.length <= room ? text : `${characters.slice(0, room - 1).join('')}…`
}
