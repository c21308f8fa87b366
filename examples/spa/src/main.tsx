import { ErrorResponse } from 'oidc-client-ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { startSession } from './session/session.ts'
import './style.css'
import type { Notice } from './texts.ts'

// The session starts before React, which may run an effect twice. A code can be redeemed only once.
const notice = await startSession().catch((error): Notice => {
  const cancelled = error instanceof ErrorResponse && error.error === 'access_denied'
  if (!cancelled) console.error(error)
  return cancelled ? 'cancelled' : 'failed'
})

const element = document.getElementById('app')
if (element === null) throw new Error('index.html has no element with the id "app".')
createRoot(element).render(
  <StrictMode>
    <App notice={notice ?? undefined} />
  </StrictMode>,
)
