// The part of the configuration that is about the brand of the pages: BRAND_*, TERMS_URL and PRIVACY_URL.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defined } from './defined.ts'
import type { Environment } from './environment.ts'
import type { BrandLogo, BrandSettings } from './pages/brand.ts'
import { accentFault, backgroundFault, dojangAccent, isColour } from './pages/colours.ts'

const maxLogoBytes = 262_144

/** One line of text that a person can read. */
const isLine = (text: string, maxLength: number): boolean =>
  [...text].length <= maxLength && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)

const readLine = ({ text, fault }: Environment, name: string, maxLength: number): string | undefined => {
  const given = text(name)
  if (given === undefined || isLine(given, maxLength)) return given
  fault(`${name} must be one line of at most ${maxLength} characters.`)
  return undefined
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** The type follows from the content, because the browser must not guess it. */
const logoOf = (bytes: Buffer): BrandLogo | undefined => {
  if (bytes.subarray(0, 8).equals(pngSignature)) return { contentType: 'image/png', bytes }
  const start = bytes.toString('utf8').replace(/^\uFEFF?(\s|<\?xml[^>]*\?>|<!--[\s\S]*?-->)*/, '')
  return /^(<!DOCTYPE svg\b[^>]*>\s*)?<svg[\s>]/i.test(start)
    ? { contentType: 'image/svg+xml', bytes }
    : undefined
}

const readLogo = ({ text, fault }: Environment): BrandLogo | undefined => {
  const path = text('BRAND_LOGO')
  if (path === undefined) return undefined
  try {
    const bytes = readFileSync(resolve(path))
    const logo = logoOf(bytes)
    if (bytes.length > maxLogoBytes) fault(`BRAND_LOGO must be smaller than ${maxLogoBytes / 1024} KiB.`)
    else if (logo === undefined) fault('BRAND_LOGO must be an SVG or a PNG file.')
    else return logo
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    fault(`BRAND_LOGO cannot be read (${code}). Check its path and permissions.`)
  }
  return undefined
}

/** The # is optional, because it begins a comment in many files with settings. */
const readColour = ({ text, fault }: Environment, name: string): string | undefined => {
  const given = text(name)
  if (given === undefined) return undefined
  const colour = `#${given.replace(/^#/, '').toLowerCase()}`
  if (isColour(colour)) return colour
  fault(`${name} must be a colour with six hexadecimal digits, for example 1d4ed8.`)
  return undefined
}

const readColours = (environment: Environment) => {
  const background = readColour(environment, 'BRAND_BACKGROUND')
  const accent = readColour(environment, 'BRAND_ACCENT')
  const faultOfBackground = background && backgroundFault(background)
  if (faultOfBackground) environment.fault(faultOfBackground)
  else {
    const faultOfAccent = accentFault({ accent: accent ?? dojangAccent, background })
    if (faultOfAccent) environment.fault(faultOfAccent)
  }
  return defined({ background, accent })
}

const readUrl = ({ text, fault }: Environment, name: string): string | undefined => {
  const given = text(name)
  if (given === undefined) return undefined
  if (URL.canParse(given) && ['https:', 'http:'].includes(new URL(given).protocol)) return given
  fault(`${name} must be an https or http URL, for example https://www.example.com/terms.`)
  return undefined
}

export const readBrand = (environment: Environment): BrandSettings => ({
  ...readColours(environment),
  ...defined({
    name: readLine(environment, 'BRAND_NAME', 40),
    logo: readLogo(environment),
    footer: readLine(environment, 'BRAND_FOOTER', 200),
    termsUrl: readUrl(environment, 'TERMS_URL'),
    privacyUrl: readUrl(environment, 'PRIVACY_URL'),
  }),
})
