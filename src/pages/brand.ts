// The brand of the pages: name, logo, colours, footer and the links to the operator's documents. Each page
// gets it in its frame.
import { dojangAccent, type Themes, themesOf } from './colours.ts'
import { type Html, html, raw } from './html.ts'
import { sealIcon, sealMark } from './seal.ts'

export interface BrandLogo {
  contentType: 'image/svg+xml' | 'image/png'
  bytes: Buffer
}

export interface BrandSettings {
  /** Absent: Dojang's own name, with its seal. */
  name?: string
  logo?: BrandLogo
  /** `#rrggbb`, checked with `accentFault`. */
  accent?: string
  /** `#rrggbb`, checked with `backgroundFault`. */
  background?: string
  /** One line below every page. */
  footer?: string
  termsUrl?: string
  privacyUrl?: string
}

export interface Brand extends BrandSettings {
  name: string
  /** True if nothing names another brand. Then the pages may show the seal of Dojang. */
  isDojang: boolean
  /** CSS with the colours of both themes. */
  colours: Html
  /** The colours of both themes. Mails and the frame of the browser cannot use the CSS. */
  themes: Themes
  icon: string | Html
  /** The picture beside the name. A brand without a logo shows its name alone. */
  mark: Html | undefined
}

/** http/logo.ts serves it. */
export const logoPath = '/brand/logo'

const declarations = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ')

/** A brand without a logo has a plain square of its colour in the tab of the browser. */
const squareIcon = (colour: string): string =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="${colour}"/></svg>`)}`

export const createBrand = (settings: BrandSettings): Brand => {
  const { name = 'Dojang', logo, accent = dojangAccent, background } = settings
  const themes = themesOf({ accent, background })
  const { light, dark } = themes
  const isDojang = settings.name === undefined && logo === undefined
  const dojangMark = isDojang ? sealMark('mark') : undefined
  return {
    ...settings,
    name,
    isDojang,
    colours: raw(
      `:root { color-scheme: light dark; ${declarations(light)} }\n` +
        `@media (prefers-color-scheme: dark) { :root { ${declarations(dark)} } }\n`,
    ),
    themes,
    icon: logo ? logoPath : isDojang ? sealIcon : squareIcon(light.seal),
    mark: logo ? html`<img class="mark" src="${logoPath}" alt="" width="32" height="32">` : dojangMark,
  }
}

/** The addresses of the terms and of the privacy policy that the operator has, with their labels. */
export const documentsOf = (
  { termsUrl, privacyUrl }: Brand,
  labels: { terms: string; privacy: string },
): (readonly [label: string, url: string])[] => [
  ...(termsUrl === undefined ? [] : [[labels.terms, termsUrl] as const]),
  ...(privacyUrl === undefined ? [] : [[labels.privacy, privacyUrl] as const]),
]
