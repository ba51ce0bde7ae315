import {setFlagsFromString} from 'node:v8'

/**
 * Keeps memory flat while this process works on a fleet: garbage is collected before more is asked of the system. Left alone, V8 lets
 * its heap grow tenfold over 10,000 databases (240 MB resident instead of 115 MB) for 2 % less of the processor's time.
 * V8 looks at these two flags whenever it decides how far the heap may grow; most others must be set before it starts.
 */
export function keepHeapFlat(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=20')
}
