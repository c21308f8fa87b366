// The contract of Roles: the scopes of a role change in one step, and its users have the new scopes at once.
import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { atOnce, onLastingBackends } from './lasting-backends.ts'
import { aUser } from './records.ts'

onLastingBackends('roles', (stores) => {
  const aRole = (scopes: string[]) => ({ name: `r-${randomToken(8).replaceAll(/[_-]/g, '0')}`, scopes })

  test('the new scopes of a role replace the old ones, for each of its users', async () => {
    const role = aRole(['a:read'])
    await stores('roles').create(role)
    const user = aUser({ roles: [role.name] })
    await stores('users').create(user)
    expect(await stores('roles').grant(role.name, ['b:read', 'b:write'])).toBe(true)
    expect(await stores('roles').find(role.name)).toEqual({ ...role, scopes: ['b:read', 'b:write'] })
    expect((await stores('users').find(user.id))?.scopes).toEqual(['b:read', 'b:write'])
    expect(await stores('roles').grant(role.name, [])).toBe(true)
    expect((await stores('users').find(user.id))?.scopes).toEqual([])
  })

  test('a role that does not exist is not created by new scopes', async () => {
    const { name } = aRole([])
    expect(await stores('roles').grant(name, ['a:read'])).toBe(false)
    expect(await stores('roles').find(name)).toBeUndefined()
  })

  test('after 20 concurrent changes a role has the scopes of exactly one of them', async () => {
    const role = aRole([])
    await stores('roles').create(role)
    const lists = Array.from({ length: 20 }, (_, index) => [`s${index}:read`, `s${index}:write`])
    await atOnce(20, (index) => stores('roles').grant(role.name, lists[index] ?? []))
    expect(lists).toContainEqual((await stores('roles').find(role.name))?.scopes)
  })
})
