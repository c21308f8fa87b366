// The messages that the fake Kakao sends to the issuer: signed account events, and the older unlink webhook.
import { randomUUID } from 'node:crypto'
import { epochSeconds } from '../src/clock.ts'
import { type KakaoState, kakaoIssuer } from './kakao-state.ts'
import {
  caepEvents,
  createEventSender,
  type Delivery,
  deliver,
  type EventSender,
  oauthEvents,
  riscEvents,
} from './security-event.ts'

export type UnlinkReferrer =
  | 'ACCOUNT_DELETE'
  | 'FORCED_ACCOUNT_DELETE'
  | 'UNLINK_FROM_ADMIN'
  | 'UNLINK_FROM_APPS'
  | 'INCOMPLETE_SIGN_UP'

export interface UnlinkMessage {
  person: string
  method?: 'GET' | 'POST'
  referrer?: UnlinkReferrer
  /** null: the request has no Authorization header. */
  adminKey?: string | null
  appId?: string
}

export interface KakaoWebhooks extends EventSender {
  sendUnlinkWebhook(url: string, message: UnlinkMessage): Promise<Delivery>
  /**
   * What happens when a person disconnects in Kakao's list of connected apps.
   * The tokens become invalid and Kakao sends its webhooks.
   */
  disconnect(person: string): Promise<Delivery[]>
}

const eventTypes = {
  ...oauthEvents(['user-linked', 'user-unlinked', 'user-scope-consent', 'user-scope-withdraw']),
  ...oauthEvents(['token-issued', 'token-revoked', 'tokens-revoked']),
  ...riscEvents(['account-disabled', 'account-enabled', 'account-purged', 'sessions-revoked']),
  ...riscEvents(['account-credential-change-required', 'credential-compromise']),
  ...riscEvents(['identifier-changed', 'identifier-recycled']),
  ...caepEvents(['credential-change', 'assurance-level-change']),
  'user-profile-changed': 'https://schemas.kakao.com/platevent/kakao/event-type/',
}

export const createKakaoWebhooks = (state: KakaoState): KakaoWebhooks => {
  const { adminKey, appId, clientId, clock, grants, keys, webhooks } = state
  const { signEvent, sendEvent } = createEventSender({
    keys,
    clock,
    issuer: kakaoIssuer,
    audience: clientId,
    subjectIssuer: kakaoIssuer,
    types: eventTypes,
    claims: ({ person }) => ({ sub: person, toe: epochSeconds(clock.now()), txn: randomUUID() }),
  })

  const sendUnlinkWebhook: KakaoWebhooks['sendUnlinkWebhook'] = (url, message) => {
    const { person, method = 'POST', referrer = 'UNLINK_FROM_APPS' } = message
    const key = message.adminKey === undefined ? adminKey : message.adminKey
    const params = new URLSearchParams({
      app_id: message.appId ?? appId,
      user_id: person,
      referrer_type: referrer,
    })
    const headers = key === null ? {} : { authorization: `KakaoAK ${key}` }
    if (method === 'GET') return deliver(`${url}?${params}`, { headers })
    const type = { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' }
    return deliver(url, { method, body: params.toString(), headers: { ...headers, ...type } })
  }

  const disconnect: KakaoWebhooks['disconnect'] = async (person) => {
    if (!grants.disconnect(person)) return []
    const { unlink, events } = webhooks
    return Promise.all([
      ...(unlink ? [sendUnlinkWebhook(unlink, { person })] : []),
      ...(events ? [sendEvent(events, { type: 'user-unlinked', person, reason: 'UNLINK_FROM_APPS' })] : []),
    ])
  }

  return { signEvent, sendEvent, sendUnlinkWebhook, disconnect }
}
