// The provider's page of connected apps, where a person disconnects from the app.
import type { Account } from './authorize.ts'
import type { Reply } from './faults.ts'
import type { Grants } from './grants.ts'
import { connectionsPage, type Look, sceneOf, shownName } from './pages.ts'
import type { Call } from './provider-server.ts'
import type { Delivery } from './security-event.ts'
import { textsOf } from './texts.ts'

export const createConnections =
  (
    { look, grants, accounts }: { look: Look; grants: Grants; accounts(): readonly Account[] },
    /** Disconnects the person and returns how the provider's webhooks were delivered. */
    disconnect: (personId: string) => Promise<readonly Delivery[]>,
  ) =>
  async (call: Call): Promise<Reply> => {
    const scene = sceneOf(look, call)
    const t = textsOf(scene.language)
    const account = accounts().find(({ id }) => id === call.form.get('person'))
    let notice: string | undefined
    if (call.method === 'POST' && account) {
      const deliveries = await disconnect(account.id)
      const delivered = deliveries.every(({ status }) => status >= 200 && status < 300)
      const done = t.disconnected(shownName(account, scene.language))
      notice = delivered ? done : `${done} ${t.notTold}`
    }
    const connected = accounts().filter(({ id }) => grants.connections.has(id))
    return connectionsPage(scene, connected, notice)
  }
