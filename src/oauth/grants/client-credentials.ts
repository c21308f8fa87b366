// grant_type=client_credentials (RFC 6749 §4.4): a service acts for itself, without a refresh token (§4.4.3).
import type { Audit } from '../../audit.ts'
import type { Apis } from '../../clients/api.ts'
import { isPublic } from '../../clients/client.ts'
import { auditContext } from '../../http/request-context.ts'
import { type OwnAudiences, resolveAudience } from '../../tokens/audience.ts'
import type { IssueTokens } from '../../tokens/issue.ts'
import { isOpenidScope } from '../../tokens/scopes.ts'
import { invalidScope, invalidTarget, unauthorizedClient } from '../errors.ts'
import { type Grant, requestedScope, tokenResponse } from './grant.ts'

export const createClientCredentialsGrant =
  ({
    issueTokens,
    apis,
    audit,
    ...own
  }: {
    issueTokens: IssueTokens
    apis: Apis
    audit: Audit
  } & OwnAudiences): Grant =>
  async (params, client, context) => {
    if (isPublic(client)) throw unauthorizedClient('A public client has no credentials for this grant type.')
    const asked = await requestedScope(params, client, apis)
    if (asked?.some(isOpenidScope))
      throw invalidScope('OpenID Connect scopes are not allowed without a user.')
    const scope = asked ?? client.scopes.filter((name) => !isOpenidScope(name))
    const audiences = resolveAudience(client, params.all('resource'), { scope }, own)
    if (audiences === undefined) throw invalidTarget()
    const tokens = await issueTokens.forClient(client, scope, audiences)
    audit({ type: 'token.issued', actor: 'client', clientId: client.id, ...auditContext(context) })
    return tokenResponse(tokens)
  }
