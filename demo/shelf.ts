// The shelf with books below the first page of the bookshop.
import { type Html, html } from '../src/pages/html.ts'

/** The width, height and colour of each book on the shelf. */
const books: readonly (readonly [number, number, number])[] = [
  [26, 88, 1],
  [16, 74, 2],
  [30, 96, 3],
  [20, 82, 4],
  [14, 68, 1],
  [27, 92, 5],
  [18, 78, 2],
  [24, 86, 4],
  [15, 64, 3],
  [30, 95, 5],
  [22, 76, 1],
  [17, 88, 3],
  [28, 98, 4],
  [16, 70, 5],
  [19, 84, 1],
  [25, 93, 2],
  [14, 66, 4],
  [29, 90, 3],
  [18, 80, 5],
  [22, 97, 1],
  [15, 72, 3],
  [27, 86, 4],
  [17, 76, 2],
  [24, 94, 5],
  [14, 69, 1],
  [30, 90, 3],
  [20, 83, 4],
  [16, 96, 2],
]

export const shelf = (): Html => {
  let left = 0
  const spines = books.map(([width, height, colour]) => {
    const x = left
    left += width + 1.5
    const band = html`<rect x="${x}" y="${114 - height}" width="${width}" height="3" class="band"/><rect x="${x}" y="${120 - height}" width="${width}" height="1.5" class="band"/>`
    return html`<rect x="${x}" y="${104 - height}" width="${width}" height="${height}" rx="1" class="book-${colour}"/>${width > 18 && band}`
  })
  return html`<svg class="shelf" viewBox="0 0 ${left} 108" preserveAspectRatio="xMinYMax slice" aria-hidden="true" focusable="false">${spines}<rect x="0" y="104" width="${left}" height="4" class="board"/></svg>`
}
