// A fake Google: one HTTP server that answers as Google's four hosts do and shows pages to click.
// It also sends Cross-Account Protection events. docs/providers.md describes the real Google.
import { createConnections } from './connections.ts'
import { json, type Reply } from './faults.ts'
import { createGoogleSignIn, googleRefusal } from './google-sign-in.ts'
import {
  createGoogleState,
  type GoogleEndpoint,
  type GoogleKnobs,
  type GoogleOptions,
  type GooglePerson,
  type GoogleState,
  googleIssuer,
  profileOf,
} from './google-state.ts'
import { authorization, type Call, type Endpoints, endpoint, startProviderServer } from './provider-server.ts'
import type { FakeProvider } from './provider-state.ts'
import {
  createEventSender,
  type Delivery,
  type EventSender,
  oauthEvents,
  riscEvents,
} from './security-event.ts'

export interface FakeGoogle extends FakeProvider<GooglePerson, GoogleKnobs>, EventSender {
  /**
   * What happens when a person disconnects in Google's list of connected apps.
   * The tokens become invalid and Google sends an event.
   */
  disconnect(person: string): Promise<Delivery[]>
  rotateKeys(): void
}

const eventTypes = {
  ...riscEvents(['sessions-revoked', 'account-disabled', 'account-enabled', 'verification']),
  ...riscEvents(['account-credential-change-required']),
  ...oauthEvents(['tokens-revoked', 'token-revoked']),
}

const createGoogleApi = ({ grants, personOf }: GoogleState): Endpoints<GoogleEndpoint> => {
  const userinfo = (call: Call): Reply => {
    const held = grants.holder(authorization(call, 'Bearer'))
    const person = held && personOf(held.grant.personId)
    return held && person
      ? json(200, { sub: person.id, ...profileOf(person, held.grant.scopes) })
      : googleRefusal(401, 'invalid_request', 'Invalid Credentials')
  }
  const revoke = ({ form, url }: Call): Reply => {
    const given = form.get('token') ?? url.searchParams.get('token') ?? ''
    const grant = grants.holder(given)?.grant ?? grants.holderOfRefreshToken(given)
    if (grant === undefined) return googleRefusal(400, 'invalid_token', 'Token expired or revoked')
    grants.disconnect(grant.personId)
    return json(200, {})
  }
  return {
    '/.well-known/risc-configuration': endpoint(
      'risc_configuration',
      ({ url }) => json(200, { issuer: `${googleIssuer}/`, jwks_uri: `${url.origin}/oauth2/v3/certs` }),
      ['GET'],
    ),
    '/v1/userinfo': endpoint('userinfo', userinfo),
    '/revoke': endpoint('revoke', revoke, ['POST']),
  }
}

/** Starts on a loopback port. The caller closes it with `close()`. */
export const fakeGoogle = async (options: GoogleOptions): Promise<FakeGoogle> => {
  const state = createGoogleState(options)
  const { clientId, clock, grants, keys, knobs, people, requests, webhooks } = state
  const events = createEventSender({
    keys,
    clock,
    issuer: `${googleIssuer}/`,
    audience: clientId,
    subjectIssuer: googleIssuer,
    types: eventTypes,
    claims: () => ({}),
  })
  const disconnect: FakeGoogle['disconnect'] = async (person) => {
    if (!grants.disconnect(person) || !webhooks.events) return []
    return [await events.sendEvent(webhooks.events, { type: 'tokens-revoked', person })]
  }
  const server = await startProviderServer<GoogleEndpoint>({
    faultOf: (name) => knobs.faults[name],
    requests,
    ...(options.port !== undefined && { port: options.port }),
    endpoints: {
      ...createGoogleSignIn(state),
      ...createGoogleApi(state),
      '/connections': endpoint('connections', createConnections(state, disconnect)),
    },
  })
  return {
    ...events,
    origin: server.origin,
    people,
    knobs,
    requests,
    disconnect,
    rotateKeys: keys.rotate,
    connected: () => [...grants.connections.keys()],
    close: server.close,
  }
}
