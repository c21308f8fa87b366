// The list of things to try. A step has a tick only after the visitor has really done it.
import { type Html, html } from '../src/pages/html.ts'
import type { Texts } from './texts.ts'
import { type DemoProviders, methodOf, signInMethods, tellingProviderOf, type Visit } from './visit.ts'

const step = (text: string, done: boolean, more: Html | undefined = undefined): Html =>
  html`<li class="${done && 'done'}"><span>${text}</span>${more}</li>`

/** All methods, those with a tick with which this browser has signed in. */
const methods = ({ methods }: Visit, texts: Texts): Html =>
  html`<ul class="methods">${signInMethods.map(
    (method) => html`<li class="${methods.has(method) && 'done'}">${texts.methods[method]}</li>`,
  )}</ul>`

const disconnectStep = (visit: Visit, providers: DemoProviders, texts: Texts): Html => {
  const { disconnect, disconnectSomewhere, cannotDisconnect } = texts.steps
  if (visit.disconnectedAt) return step(disconnect(texts.methods[visit.disconnectedAt]), true)
  const provider = tellingProviderOf(visit)
  if (provider === undefined)
    return step(disconnectSomewhere, false, visit.tokens && html`<p>${cannotDisconnect}</p>`)
  const label = texts.disconnectAt(texts.methods[provider])
  const link = html`<p><a href="${providers[provider].origin}/connections" target="_blank" rel="noopener">${label}<small> (${texts.newTab})</small></a></p>`
  return step(disconnect(texts.methods[provider]), false, visit.ended ? undefined : link)
}

export const steps = (visit: Visit, providers: DemoProviders, texts: Texts): Html => {
  const method = methodOf(visit)
  const signIn = method ? texts.steps.signedIn(texts.methods[method]) : texts.steps.signIn
  const refreshed = visit.activity.some(({ event }) => event === 'refreshed')
  return html`<section class="next"><h2>${texts.next}</h2><ol>${[
    step(signIn, method !== undefined, methods(visit, texts)),
    step(texts.steps.refresh, refreshed),
    disconnectStep(visit, providers, texts),
    step(texts.steps.watch, visit.ended),
  ]}</ol></section>`
}
