// Where providers publish the keys of their ID tokens and of their security events: one copy of them for both.
import type { Clock } from '../clock.ts'
import { createRemoteJwks, type RemoteJwks } from './remote-jwks.ts'

const addresses = {
  kakao: 'https://kauth.kakao.com/.well-known/jwks.json',
  google: 'https://www.googleapis.com/oauth2/v3/certs',
} as const

/** @param origin stands for all hosts of the provider: a gateway, a fake */
export const createProviderKeys = (
  provider: keyof typeof addresses,
  { clock, origin, failed }: { clock: Clock; origin?: string | undefined; failed(cause: unknown): void },
): RemoteJwks => {
  const address = new URL(addresses[provider])
  const url = origin === undefined ? address.href : new URL(address.pathname, origin).href
  return createRemoteJwks({ url, clock, failed })
}
