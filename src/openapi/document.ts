// The OpenAPI document of every public route, written by hand: one file of paths per group.
// test/flows/openapi.test.ts compares it with the mounted routes.
import { discoveryPaths } from './discovery-paths.ts'
import { emailLinkApiPaths, emailLinkPaths } from './email-link-paths.ts'
import { firstPartyPaths } from './first-party-paths.ts'
import { oauthPaths } from './oauth-paths.ts'
import { operationPaths } from './operation-paths.ts'
import { pagePaths } from './page-paths.ts'
import { schemas } from './schemas.ts'
import { webhookPaths } from './webhook-paths.ts'

export const openapiDocument = (issuer: string, version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Dojang',
    version,
    description: 'A standalone OAuth 2.0 / OpenID Connect token issuer.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: issuer }],
  paths: {
    ...discoveryPaths,
    ...oauthPaths,
    ...firstPartyPaths,
    ...emailLinkApiPaths,
    ...pagePaths,
    ...emailLinkPaths,
    ...webhookPaths,
    ...operationPaths,
  },
  components: {
    schemas,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      clientSecretBasic: {
        type: 'http',
        scheme: 'basic',
        description: 'client_secret_basic. client_secret_post and none are accepted too.',
      },
      kakaoAdminKey: {
        type: 'apiKey',
        in: 'header',
        name: 'Authorization',
        description: 'The word KakaoAK and the admin key of the app.',
      },
    },
  },
})
