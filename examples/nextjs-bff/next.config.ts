import type { NextConfig } from 'next'

const headers = [
  { key: 'Strict-Transport-Security', value: 'max-age=63072000' },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  // Not `no-referrer`: the browser would then send `Origin: null` with the forms.
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
  { key: 'X-Frame-Options', value: 'DENY' },
]

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Next.js would send the title after the page. A program that reads the page aloud needs the title first.
  htmlLimitedBots: /.*/,
  // proxy.ts sets the content security policy of pages, because it contains a value that changes each time.
  headers: async () => [{ source: '/:path*', headers }],
}

export default config
