// Prints plain tables with aligned columns.

export type Cell = string | number | undefined

/** Three significant digits, or a whole number. */
const text = (cell: Cell): string => {
  if (cell === undefined) return '-'
  if (typeof cell === 'string') return cell
  if (cell >= 100 || Number.isInteger(cell)) return Math.round(cell).toLocaleString('en')
  return cell.toFixed(cell >= 10 ? 1 : 2)
}

export const percent = (share: number | undefined): Cell =>
  share === undefined ? undefined : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`

/** The first column is aligned to the left, the others to the right. */
export const printTable = (title: string, headings: readonly string[], rows: readonly Cell[][]): void => {
  const lines = [headings, ...rows.map((row) => row.map(text))]
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  console.log(`\n${title}`)
  for (const line of lines)
    console.log(
      line
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
}
