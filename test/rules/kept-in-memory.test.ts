// Clients and APIs in memory: the store is asked once, and again only after a change.
import { expect, test } from 'vitest'
import { createAnnouncer } from '../../src/changes.ts'
import type { Client } from '../../src/clients/client.ts'
import { clientsInMemory } from '../../src/clients/kept-in-memory.ts'
import { aClient } from '../contracts/records.ts'
import { testIssuer } from '../support/issuer.ts'
import { memoryClients } from '../support/memory/clients.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

/** Clients in memory over a store whose reads are counted and can be held back or fail. */
const setUp = async (...clients: Client[]) => {
  const store = memoryClients()
  for (const client of clients) await store.create(client)
  const { subscribe, announce } = createAnnouncer()
  const state = { reads: 0, finds: 0, gate: Promise.resolve() }
  const list = async () => {
    state.reads += 1
    const all = await store.list()
    await state.gate
    return all
  }
  const find = (id: string) => {
    state.finds += 1
    return store.find(id)
  }
  return { store, state, announce, kept: clientsInMemory({ ...store, list, find }, { subscribe }) }
}

test('many requests read the clients once', async () => {
  const client = aClient({ origins: ['https://app.example'] })
  const { kept, state } = await setUp(client)
  const found = await Promise.all(Array.from({ length: 20 }, () => kept.find(client.id)))
  expect(new Set(found.map((one) => one?.id))).toEqual(new Set([client.id]))
  expect(await kept.findByOrigin('https://app.example')).toEqual([client])
  expect(await kept.list()).toEqual([client])
  expect(state.reads).toBe(1)
})

test('a change by another process is read after it was announced', async () => {
  const client = aClient()
  const { store, kept, announce } = await setUp(client)
  await kept.list()
  await store.change(client.id, { name: 'renamed' })
  await announce('clients')
  expect((await kept.find(client.id))?.name).toBe('renamed')
  await store.delete(client.id)
  await announce('clients')
  expect(await kept.find(client.id)).toBeUndefined()
})

test('a read that began before a change does not stay in memory', async () => {
  const client = aClient()
  const { store, state, kept, announce } = await setUp(client)
  const gate = Promise.withResolvers<void>()
  state.gate = gate.promise
  const early = kept.list()
  await store.change(client.id, { name: 'renamed' })
  await announce('clients')
  gate.resolve()
  await early
  expect((await kept.find(client.id))?.name).toBe('renamed')
})

test('a change by this process counts without an announcement', async () => {
  const client = aClient()
  const { kept } = await setUp(client)
  await kept.list()
  await kept.change(client.id, { name: 'renamed' })
  expect((await kept.find(client.id))?.name).toBe('renamed')
})

test('a new client is found before it is announced', async () => {
  const { store, kept } = await setUp(aClient())
  await kept.list()
  const added = aClient({ origins: ['https://new.example'] })
  await store.create(added)
  expect(await kept.findByOrigin('https://new.example')).toEqual([added])
  expect(await kept.find(added.id)).toEqual(added)
})

test('the store is asked for an unknown id, but not for a text that is no id', async () => {
  const { state, kept } = await setUp(aClient())
  for (const text of ['', ' ', 'no id', 'usr_x']) expect(await kept.find(text)).toBeUndefined()
  expect(state.finds).toBe(0)
  expect(await kept.find('unknown')).toBeUndefined()
  expect(state.finds).toBe(1)
})

test('a failed read is tried again', async () => {
  const client = aClient()
  const { state, kept } = await setUp(client)
  state.gate = Promise.reject(new Error('the store is down'))
  await expect(kept.find(client.id)).rejects.toThrow('the store is down')
  state.gate = Promise.resolve()
  expect(await kept.find(client.id)).toEqual(client)
})

test('a server that has not heard of the deletion of a client refuses its refresh tokens at once (E3)', async () => {
  // No change is announced to this server.
  const stores = { ...memoryStores(), changes: { subscribe: () => {} } }
  const issuer = await testIssuer({ stores })
  const client = await issuer.client()
  const { accessToken, refreshToken } = await issuer.tokens(client, await issuer.user())
  await issuer.app.operations['clients.delete']({ id: client.id })
  expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
  expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
  await issuer.close()
})
