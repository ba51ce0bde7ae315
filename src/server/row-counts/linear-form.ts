/** A sum of unknowns, each with its factor; unknown 0 stands for the number one. Forms are never changed once another one may hold them. */
export type Form = ReadonlyMap<number, number>

/** The form that is always one. */
export const one: Form = new Map([[0, 1]])

/** The form of one unknown. */
export const unknown = (variable: number): Form => new Map([[variable, 1]])

/** The sum of forms, each times its factor. */
export function sum(...terms: [form: Form, factor: number][]): Form {
  const total = new Map<number, number>()
  for (const [form, factor] of terms) addTo(total, form, factor)
  return total
}

/** Adds a form, times a factor, to a sum that nobody else holds yet. */
export function addTo(total: Map<number, number>, form: Form, factor: number): void {
  for (const [variable, times] of form) {
    const value = (total.get(variable) ?? 0) + times * factor
    if (value === 0) total.delete(variable)
    else total.set(variable, value)
  }
}

/** The form that is always zero. */
export const nothing: Form = new Map()
