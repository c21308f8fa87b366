/** The settings of .env.example. vite.config.ts reads them too, for the content security policy. */
export const settingsFrom = (env: Record<string, string | undefined>) => ({
  issuer: env.VITE_ISSUER ?? 'http://localhost:4000',
  clientId: env.VITE_CLIENT_ID ?? 'spa',
  apiUrl: env.VITE_API_URL ?? 'http://localhost:8002',
})
