// The in-memory model of sessions: the shortest code that fulfils the contract of the port.
import type { Joining, Session, SessionFamily, Sessions } from '../../../src/sessions/session.ts'

const oldestFirst = (a: Session, b: Session): number =>
  a.startedAt.getTime() - b.startedAt.getTime() || (a.id < b.id ? -1 : 1)

export const memorySessions = (): Sessions => {
  const kept = new Map<string, Session>()

  const ofUser = (userId: string) =>
    [...kept.values()].filter((session) => session.userId === userId).sort(oldestFirst)

  const endThese = (sessions: readonly Session[]): Session[] => {
    for (const { id } of sessions) kept.delete(id)
    return [...sessions]
  }

  const change = (id: string, changes: Partial<Session>) => {
    const session = kept.get(id)
    if (session) kept.set(id, structuredClone({ ...session, ...changes }))
    return session !== undefined
  }

  const join = (id: string, family: SessionFamily, limit: number): Joining => {
    const session = kept.get(id)
    if (session === undefined) return { outcome: 'ended' }
    const all = [...session.families, family]
    const ofClient = all.filter(({ clientId }) => clientId === family.clientId)
    const displaced = ofClient.slice(0, Math.max(0, ofClient.length - limit))
    change(id, { families: all.filter((one) => !displaced.includes(one)) })
    return { outcome: 'joined', displaced }
  }

  return {
    start: async (session, limit) => {
      const hasBrowser = ({ secretHash }: Session) => secretHash !== undefined
      const others = ofUser(session.userId).filter((other) => hasBrowser(other) === hasBrowser(session))
      kept.set(session.id, structuredClone(session))
      return endThese(others.slice(0, Math.max(0, others.length + 1 - limit)))
    },
    find: async (id) => structuredClone(kept.get(id)),
    join: async (id, family, limit) => join(id, family, limit),
    joinAlone: async (id, family, limit) => {
      const joining = join(id, family, limit)
      if (joining.outcome === 'ended') return joining
      const others = ofUser(kept.get(id)?.userId ?? '').filter(
        (other) => other.id !== id && other.families.some(({ clientId }) => clientId === family.clientId),
      )
      return { ...joining, others: others.map((other) => other.id) }
    },
    leave: async (id, familyId) => {
      const families = kept.get(id)?.families ?? []
      change(id, { families: families.filter((family) => family.familyId !== familyId) })
    },
    renew: async (id, renewal) =>
      change(id, { ...renewal, lastSeenAt: renewal.authTime }) ? 'renewed' : 'ended',
    touch: async (id, now) => {
      change(id, { lastSeenAt: now })
    },
    end: async (id) => endThese([...kept.values()].filter((session) => session.id === id))[0],
    endAll: async (userId, keep) => endThese(ofUser(userId).filter(({ id }) => id !== keep)),
    listOfUser: async (userId) => structuredClone(ofUser(userId)),
  }
}
