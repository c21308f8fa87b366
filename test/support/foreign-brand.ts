// A brand that is not Dojang's: another name, a logo, and a blue accent.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** It holds a script, which must never run. */
export const foreignLogo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><script>document.title = 'ran'</script><rect width="64" height="64" rx="16" fill="#1d4ed8"/><path fill="#fff" d="M18 16h22a6 6 0 0 1 6 6v26H24a6 6 0 0 1-6-6z"/></svg>`

/** The environment with this brand. The logo is a new file in the temporary folder. */
export const foreignBrand = (): Record<string, string> => {
  const logo = join(mkdtempSync(join(tmpdir(), 'brand-')), 'logo.svg')
  writeFileSync(logo, foreignLogo)
  return {
    BRAND_NAME: '책갈피 Bookmark',
    BRAND_LOGO: logo,
    BRAND_ACCENT: '#1d4ed8',
    BRAND_BACKGROUND: '#eef4ff',
    BRAND_FOOTER: 'Bookmark Inc. · 123-45-67890',
    TERMS_URL: 'https://www.bookmark.example/terms',
    PRIVACY_URL: 'https://www.bookmark.example/privacy',
  }
}
