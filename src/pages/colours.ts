// The colours of the pages in both themes, and the rules of contrast for the two that an operator may choose:
// the accent and the background (WCAG 2.2, 1.4.3 and 1.4.11).

/** The contrast that text needs, and the one that a button needs against the page. */
export const textContrast = 4.5
export const shapeContrast = 3

const light = {
  paper: '#f4f1ea',
  sheet: '#fcfbf8',
  ink: '#1c1916',
  soft: '#5f574d',
  line: '#d8d1c4',
  edge: '#837969',
  danger: '#a3124a',
  'danger-press': '#870d3c',
  'danger-text': '#a3124a',
  valid: '#1c7a4c',
  fair: '#a86400',
}

const dark: typeof light = {
  paper: '#161412',
  sheet: '#1f1c19',
  ink: '#f0eae0',
  soft: '#aea597',
  line: '#38332c',
  edge: '#857b6d',
  danger: '#c4245f',
  'danger-press': '#ad1c52',
  'danger-text': '#ff8fb4',
  valid: '#5fcf97',
  fair: '#e2a63c',
}

/** Beside a colour that an operator chose, the warm colours of paper look like a mistake. */
const neutral = {
  light: {
    ...light,
    paper: '#f5f6f8',
    sheet: '#ffffff',
    ink: '#1a1c20',
    soft: '#5a5f68',
    line: '#d8dbe1',
    edge: '#7b808a',
  },
  dark: {
    ...dark,
    paper: '#121316',
    sheet: '#1b1d21',
    ink: '#eceef1',
    soft: '#a5a9b1',
    line: '#34373d',
    edge: '#7f848d',
  },
}

/** Vermilion, the colour of Korean seal paste (인주). */
export const dojangAccent = '#c2321e'

export interface ChosenColours {
  accent: string
  /** Of the light theme. Absent: the colour of paper, or a pale grey beside another accent. */
  background?: string | undefined
}

export const isColour = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text)

const channels = (colour: string): number[] =>
  [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16))

const luminance = (colour: string): number => {
  const [r = 0, g = 0, b = 0] = channels(colour).map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** From 1 (the same colour) to 21 (black and white). */
export const contrast = (one: string, other: string): number => {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

const mix = (colour: string, other: string, share: number): string => {
  const others = channels(other)
  const mixed = channels(colour).map((value, index) =>
    Math.round(value + ((others[index] ?? 0) - value) * share),
  )
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

const lowest = (colour: string, papers: readonly string[]): number =>
  Math.min(...papers.map((paper) => contrast(colour, paper)))

/** The colour itself if it has enough contrast, else the nearest colour towards black or white that has. */
const towards = (colour: string, end: string, papers: readonly string[], enough: number): string => {
  const steps = Array.from({ length: 51 }, (_, step) => mix(colour, end, step / 50))
  return steps.find((candidate) => lowest(candidate, papers) >= enough) ?? end
}

/** The accent for one theme. Text on a pale accent is black. */
const accentColours = (accent: string, end: string, papers: readonly string[]) => {
  const seal = towards(accent, end, papers, shapeContrast)
  const onSeal = contrast('#ffffff', seal) >= textContrast ? '#ffffff' : '#000000'
  const washed = papers.map((paper) => mix(paper, seal, 0.08))
  return {
    seal,
    'on-seal': onSeal,
    // Away from the colour of the text, so that the text keeps its contrast.
    'seal-press': mix(seal, onSeal === '#ffffff' ? '#000000' : '#ffffff', 0.14),
    'seal-text': towards(accent, end, [...papers, ...washed], textContrast),
    grid: `${seal}2b`,
    wash: `${seal}14`,
  }
}

const withWashes = (colours: typeof light) => ({
  ...colours,
  'danger-wash': `${colours.danger}14`,
  'valid-wash': `${colours.valid}14`,
})

/** The CSS variables of both themes. */
export const themesOf = ({ accent, background }: ChosenColours) => {
  const isChosen = accent !== dojangAccent || background !== undefined
  const base = isChosen ? neutral : { light, dark }
  const lightColours = { ...base.light, ...(background && { paper: background }) }
  const withAccent = (colours: typeof light, end: string) => ({
    ...withWashes(colours),
    ...accentColours(accent, end, [colours.paper, colours.sheet]),
  })
  return { light: withAccent(lightColours, '#000000'), dark: withAccent(base.dark, '#ffffff') }
}

export type Themes = ReturnType<typeof themesOf>

const shown = (value: number): string => (Math.floor(value * 10) / 10).toFixed(1)

/** Why the pages cannot use the background: some text or line would be hard to see. */
export const backgroundFault = (background: string): string | undefined => {
  const { ink, soft, valid, edge, 'danger-text': danger } = neutral.light
  const text = Math.min(...[ink, soft, valid, danger].map((colour) => contrast(colour, background)))
  if (text >= textContrast && contrast(edge, background) >= shapeContrast) return undefined
  return (
    `BRAND_BACKGROUND ${background} is too dark for the text on it: the contrast is ${shown(text)}, ` +
    `and ${textContrast} is needed. Choose a lighter colour. The dark theme has its own background.`
  )
}

/** Why the pages cannot use the accent: a button would be hard to see in the light theme. */
export const accentFault = (chosen: ChosenColours): string | undefined => {
  const { paper, sheet } = themesOf(chosen).light
  const papers = [paper, sheet]
  const found = lowest(chosen.accent, papers)
  if (found >= shapeContrast) return undefined
  const nearest = towards(chosen.accent, '#000000', papers, shapeContrast)
  return (
    `BRAND_ACCENT ${chosen.accent} is too pale for a button on ${paper}: the contrast is ${shown(found)}, ` +
    `and ${shapeContrast} is needed. Choose a darker colour, for example ${nearest}.`
  )
}
