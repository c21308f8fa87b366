// The JWKS addresses of the providers. A provider signs ID tokens and security events with the same keys.
import type { Clock } from '../clock.ts'
import { createRemoteJwks, type RemoteJwks } from './remote-jwks.ts'

const addresses = {
  kakao: 'https://kauth.kakao.com/.well-known/jwks.json',
  google: 'https://www.googleapis.com/oauth2/v3/certs',
} as const

/**
 * @param origin replaces the host of the provider, for a gateway or a fake
 * @param failed is called with the cause when the keys cannot be fetched
 */
export const createProviderKeys = (
  provider: keyof typeof addresses,
  { clock, origin, failed }: { clock: Clock; origin?: string | undefined; failed(cause: unknown): void },
): RemoteJwks => {
  const address = new URL(addresses[provider])
  const url = origin === undefined ? address.href : new URL(address.pathname, origin).href
  return createRemoteJwks({ url, clock, failed })
}
