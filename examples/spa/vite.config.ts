import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv, type Plugin } from 'vite'
import { settingsFrom } from './src/settings.ts'

/** Builds have this policy. The development server has none, because it reloads code with inline scripts. */
const contentSecurityPolicy = (origins: readonly string[]): Plugin => ({
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      injectTo: 'head-prepend',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content: [
          "default-src 'self'",
          `connect-src 'self' ${origins.join(' ')}`,
          "base-uri 'none'",
          "form-action 'none'",
          "object-src 'none'",
        ].join('; '),
      },
    },
  ],
})

export default defineConfig(({ mode }) => {
  const { issuer, apiUrl } = settingsFrom(loadEnv(mode, '.'))
  const origins = [issuer, apiUrl].map((url) => new URL(url).origin)
  // The issuer knows the port of the app, so Vite must not choose another one.
  const server = { host: 'localhost', port: 5173, strictPort: true }
  return {
    plugins: [react(), contentSecurityPolicy(origins)],
    server,
    preview: server,
  }
})
