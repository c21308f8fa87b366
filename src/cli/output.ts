// Formats the output of commands for people.

/** Replaces control characters: a name or a user agent could contain escape sequences for the terminal. */
const harmless = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?')

/** Hangul, Han and Kana take two columns. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu

const columns = (text: string): number => [...text].length + (text.match(wide)?.length ?? 0)

const isMoment = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)

/** One value, as people read it. */
export const plain = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (isMoment(value)) return `${value.slice(0, 10)} ${value.slice(11, 19)}Z`
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return value.length === 0 ? '-' : harmless(value.join(' '))
  if (typeof value === 'object')
    return Object.keys(value).length === 0 ? '-' : harmless(JSON.stringify(value))
  return harmless(String(value))
}

const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, columns(cell))),
    [],
  )
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - columns(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A table, or the sentence `none` if there are no rows. `headings` names the members that are shown. */
export const table = <Row extends object>(
  rows: readonly Row[],
  none: string,
  headings: Partial<Record<keyof Row & string, string>>,
): string => {
  if (rows.length === 0) return none
  const members = Object.keys(headings) as (keyof Row & string)[]
  return aligned([
    members.map((member) => headings[member] ?? member),
    ...rows.map((row) => members.map((member) => plain(row[member]))),
  ])
}

/** `1 session`, `2 sessions` */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** One record, with one member on each line. */
export const fields = (record: object): string =>
  aligned(Object.entries(record).map(([name, value]) => [`${name.replaceAll('_', ' ')}:`, plain(value)]))
