import { expect, test } from 'vitest'
import { hashToken, randomToken } from '../../src/secrets.ts'
import { newSessionId, type Session } from '../../src/sessions/session.ts'
import { newUserId } from '../../src/users/user.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { aMember, aSession, at } from './records.ts'

onExpiringBackends('sessions', ({ store, instances }) => {
  const started = async (facts: Partial<Session> = {}): Promise<Session> => {
    const session = aSession(facts)
    await store().start(session, 100)
    return session
  }

  /** Starts sessions of one user, one second apart. */
  const startedInTurn = async (count: number): Promise<Session[]> => {
    const userId = newUserId()
    const sessions = Array.from({ length: count }, (_, second) => aSession({ userId, startedAt: at(second) }))
    for (const session of sessions) await store().start(session, 100)
    return sessions
  }

  test('a session is returned exactly as it was stored, and absent members stay absent', async () => {
    const plain = await started()
    const full = await started({
      secretHash: hashToken(randomToken()),
      amr: [],
      authTime: at(-5),
      families: [aMember(), aMember()],
      userAgent: 'Firefox · 리눅스 "quoted"\n{}',
      ip: '2001:db8::1',
    })
    expect(await store().find(plain.id)).toStrictEqual(plain)
    expect(await store().find(full.id)).toStrictEqual(full)
    expect(await store().listOfUser(full.userId)).toStrictEqual([full])
  })

  test('a session id that is unknown or malformed is not found, and every call treats it as ended', async () => {
    const { userId } = await started()
    for (const id of [newSessionId(userId), newSessionId(newUserId()), userId, '', '*', '{}', `${userId}.`]) {
      expect(await store().find(id)).toBeUndefined()
      expect(await store().join(id, aMember(), 100)).toStrictEqual({ outcome: 'ended' })
      await store().leave(id, aMember().familyId)
      expect(await store().end(id)).toBeUndefined()
      await store().touch(id, at(1))
      expect(await store().find(id)).toBeUndefined()
    }
    expect(await store().listOfUser(userId)).toHaveLength(1)
  })

  test('exactly one of 100 concurrent calls of end gets the session', async () => {
    const session = await started({ families: [aMember()] })
    const answers = await concurrently(100, instances(), (sessions) => sessions.end(session.id))
    expect(answers.filter((answer) => answer !== undefined)).toStrictEqual([session])
    expect(await store().find(session.id)).toBeUndefined()
    expect(await store().listOfUser(session.userId)).toStrictEqual([])
  })

  test('exactly one of 40 concurrent calls of end and endAll gets the session', async () => {
    const session = await started()
    const answers = await concurrently(40, instances(), async (sessions, number) =>
      number % 4 < 2 ? [await sessions.end(session.id)] : await sessions.endAll(session.userId),
    )
    expect(answers.flat().filter((answer) => answer !== undefined)).toStrictEqual([session])
  })

  test('a session over the limit ends the oldest one and returns it with its families', async () => {
    const sessions = await startedInTurn(3)
    const [oldest, second] = sessions
    if (oldest === undefined || second === undefined) throw new Error('The test starts three sessions.')
    const member = aMember()
    await store().join(oldest.id, member, 100)
    const next = aSession({ userId: oldest.userId, startedAt: at(10) })
    expect(await store().start(next, 3)).toStrictEqual([{ ...oldest, families: [member] }])
    expect(await store().listOfUser(oldest.userId)).toStrictEqual([...sessions.slice(1), next])
    expect(await store().find(oldest.id)).toBeUndefined()
    expect(
      (await store().start(aSession({ userId: oldest.userId, startedAt: at(11) }), 2)).map(({ id }) => id),
    ).toStrictEqual(sessions.slice(1).map(({ id }) => id))
  })

  test('a new session never ends itself to keep the limit, even if its clock is behind', async () => {
    const sessions = await startedInTurn(2)
    const early = aSession({ userId: sessions[0]?.userId ?? '', startedAt: at(-60) })
    expect(await store().start(early, 2)).toStrictEqual([sessions[0]])
    expect(await store().find(early.id)).toStrictEqual(early)
  })

  test('sessions without a browser never end one with a browser to keep the limit, and the reverse (E5)', async () => {
    const userId = newUserId()
    const [browser, api] = [aSession({ userId, secretHash: 'x' }), aSession({ userId })]
    for (const session of [browser, api]) expect(await store().start(session, 1)).toStrictEqual([])
    const [nextApi, nextBrowser] = [
      aSession({ userId, startedAt: at(1) }),
      aSession({ userId, secretHash: 'x', startedAt: at(2) }),
    ]
    expect(await store().start(nextApi, 1)).toStrictEqual([api])
    expect(await store().start(nextBrowser, 1)).toStrictEqual([browser])
    expect(await store().listOfUser(userId)).toStrictEqual([nextApi, nextBrowser])
  })

  test('50 concurrent starts with a limit of 10 end 40 sessions, each once', async () => {
    const userId = newUserId()
    const ended = await concurrently(50, instances(), (sessions, second) =>
      sessions.start(aSession({ userId, startedAt: at(second) }), 10),
    )
    const left = await store().listOfUser(userId)
    expect(left).toHaveLength(10)
    expect(new Set([...ended.flat(), ...left].map(({ id }) => id)).size).toBe(50)
  })

  test('starting and ending sessions of one user does not affect another user', async () => {
    const other = await started()
    const sessions = await startedInTurn(2)
    await store().start(aSession({ userId: sessions[0]?.userId ?? '' }), 1)
    await store().endAll(sessions[0]?.userId ?? '')
    expect(await store().find(other.id)).toStrictEqual(other)
  })

  test('families join a session in order', async () => {
    const session = await started()
    const [one, two] = [aMember(), { ...aMember(), clientId: 'https://client.example.com/"a b"\n|' }]
    expect(await store().join(session.id, one, 100)).toStrictEqual({ outcome: 'joined', displaced: [] })
    expect(await store().join(session.id, two, 100)).toStrictEqual({ outcome: 'joined', displaced: [] })
    expect(await store().find(session.id)).toStrictEqual({ ...session, families: [one, two] })
  })

  test('a family over the limit displaces the oldest one', async () => {
    const [one, two, three, four] = [aMember(), aMember(), aMember(), aMember()]
    const session = await started({ families: [one, two] })
    expect(await store().join(session.id, three, 2)).toStrictEqual({ outcome: 'joined', displaced: [one] })
    expect(await store().join(session.id, four, 1)).toStrictEqual({
      outcome: 'joined',
      displaced: [two, three],
    })
    expect((await store().find(session.id))?.families).toStrictEqual([four])
  })

  test('a family over the limit displaces no family of another client (E5)', async () => {
    const [other, one, another, two, three] = [
      aMember('other'),
      aMember(),
      aMember('other'),
      aMember(),
      aMember(),
    ]
    const session = await started({ families: [other, one, another, two] })
    expect(await store().join(session.id, three, 2)).toStrictEqual({ outcome: 'joined', displaced: [one] })
    expect((await store().find(session.id))?.families).toStrictEqual([other, another, two, three])
    const named = aMember('https://client.example.com/"a b"\n|')
    expect(await store().join(session.id, named, 1)).toStrictEqual({ outcome: 'joined', displaced: [] })
    const next = { ...aMember(), clientId: named.clientId }
    expect(await store().join(session.id, next, 1)).toStrictEqual({ outcome: 'joined', displaced: [named] })
    expect((await store().find(session.id))?.families).toStrictEqual([other, another, two, three, next])
  })

  test('a family that has ended leaves its session, and makes room in it', async () => {
    const [one, two, three] = [aMember(), aMember(), aMember()]
    const session = await started({ families: [one, two] })
    await store().leave(session.id, one.familyId)
    await store().leave(session.id, one.familyId)
    await store().leave(session.id, aMember().familyId)
    expect(await store().find(session.id)).toStrictEqual({ ...session, families: [two] })
    expect(await store().join(session.id, three, 2)).toStrictEqual({ outcome: 'joined', displaced: [] })
    for (const { familyId } of [two, three]) await store().leave(session.id, familyId)
    expect(await store().find(session.id)).toStrictEqual({ ...session, families: [] })
    await store().end(session.id)
    await store().leave(session.id, two.familyId)
    expect(await store().find(session.id)).toBeUndefined()
  })

  test('of 100 families that join concurrently, exactly those that leave are missing', async () => {
    const session = await started()
    const members = Array.from({ length: 100 }, () => aMember())
    const leaving = members.filter((_, number) => number % 2 === 0)
    await concurrently(100, instances(), async (sessions, number) => {
      const member = members[number] ?? aMember()
      await sessions.join(session.id, member, 100)
      if (leaving.includes(member)) await sessions.leave(session.id, member.familyId)
    })
    const left = (await store().find(session.id))?.families ?? []
    expect(new Set(left.map(({ familyId }) => familyId))).toStrictEqual(
      new Set(members.filter((member) => !leaving.includes(member)).map(({ familyId }) => familyId)),
    )
  })

  test('each of 100 families that join concurrently is either in the session or displaced', async () => {
    const session = await started()
    const members = Array.from({ length: 100 }, () => aMember())
    const answers = await concurrently(100, instances(), (sessions, number) =>
      sessions.join(session.id, members[number] ?? aMember(), 60),
    )
    const displaced = answers.flatMap((answer) => (answer.outcome === 'joined' ? answer.displaced : []))
    const left = (await store().find(session.id))?.families ?? []
    expect(left).toHaveLength(60)
    expect(new Set([...displaced, ...left].map(({ familyId }) => familyId))).toStrictEqual(
      new Set(members.map(({ familyId }) => familyId)),
    )
  })

  test('an ended session accepts no family and is not restored by touch or renew', async () => {
    const session = await started()
    await store().end(session.id)
    expect(await store().join(session.id, aMember(), 100)).toStrictEqual({ outcome: 'ended' })
    await store().touch(session.id, at(5))
    expect(
      await store().renew(session.id, {
        secretHash: hashToken(randomToken()),
        authTime: at(5),
        amr: ['pwd'],
      }),
    ).toBe('ended')
    expect(await store().find(session.id)).toBeUndefined()
    expect(await store().listOfUser(session.userId)).toStrictEqual([])
  })

  test('a family that joins during the end of a session is either returned by it or refused', async () => {
    const session = await started()
    const [joins, ended] = await Promise.all([
      concurrently(20, instances(), (sessions) => sessions.join(session.id, aMember(), 100)),
      store().end(session.id),
    ])
    expect(ended?.families).toHaveLength(joins.filter(({ outcome }) => outcome === 'joined').length)
  })

  test('renew replaces the secret, auth_time and amr of a session, and counts as use (F8)', async () => {
    const member = aMember()
    const session = await started({
      secretHash: hashToken(randomToken()),
      families: [member],
      ip: '192.0.2.1',
    })
    const renewal = { secretHash: hashToken(randomToken()), authTime: at(300), amr: ['pwd', 'otp'] }
    expect(await store().renew(session.id, renewal)).toBe('renewed')
    expect(await store().find(session.id)).toStrictEqual({ ...session, ...renewal, lastSeenAt: at(300) })
  })

  test('touch changes the last use of a session and nothing else', async () => {
    const session = await started({ families: [aMember()] })
    await store().touch(session.id, at(90))
    expect(await store().find(session.id)).toStrictEqual({ ...session, lastSeenAt: at(90) })
  })

  test('endAll keeps the session that its caller names', async () => {
    const [one, kept, three] = await startedInTurn(3)
    if (one === undefined || kept === undefined || three === undefined)
      throw new Error('The test starts three sessions.')
    expect(await store().endAll(kept.userId, kept.id)).toStrictEqual([one, three])
    expect(await store().listOfUser(kept.userId)).toStrictEqual([kept])
    expect(await store().endAll(kept.userId, kept.id)).toStrictEqual([])
    expect(await store().endAll(kept.userId)).toStrictEqual([kept])
    expect(await store().endAll(kept.userId)).toStrictEqual([])
  })

  test('joinAlone names the other sessions of the user in which the client has a family (E5)', async () => {
    const [own, same, other, empty] = await startedInTurn(4)
    const stranger = await started({ families: [aMember('player')] })
    if (!own || !same || !other || !empty) throw new Error('The test starts four sessions.')
    for (const member of [aMember('web'), aMember('player')]) await store().join(same.id, member, 100)
    // A client whose id begins in the same way is another client.
    await store().join(other.id, aMember('player2'), 100)
    const [first, second] = [aMember('player'), aMember('player')]
    expect(await store().joinAlone(own.id, first, 1)).toStrictEqual({
      ...{ outcome: 'joined', displaced: [], others: [same.id] },
    })
    expect(await store().joinAlone(own.id, second, 1)).toStrictEqual({
      ...{ outcome: 'joined', displaced: [first], others: [same.id] },
    })
    expect((await store().find(own.id))?.families).toStrictEqual([second])
    expect(await store().listOfUser(own.userId)).toHaveLength(4)
    expect(await store().find(stranger.id)).toStrictEqual(stranger)
  })

  test('joinAlone writes nothing if the session has ended or is unknown (E5)', async () => {
    const [ended, other] = await startedInTurn(2)
    if (!ended || !other) throw new Error('The test starts two sessions.')
    await store().join(other.id, aMember('player'), 100)
    await store().end(ended.id)
    for (const id of [ended.id, newSessionId(ended.userId), newSessionId(newUserId()), 'x', ''])
      expect(await store().joinAlone(id, aMember('player'), 100)).toStrictEqual({ outcome: 'ended' })
    expect(await store().listOfUser(ended.userId)).toHaveLength(1)
  })

  test('of sessions that join alone at once, each one names exactly those that joined earlier (E5)', async () => {
    const sessions = await startedInTurn(20)
    const stores = instances()
    const named = await Promise.all(
      sessions.map(async ({ id }, index) => {
        const joining = await (stores[index % stores.length] ?? store()).joinAlone(id, aMember('player'), 100)
        return joining.outcome === 'joined' ? { id, others: joining.others ?? [] } : undefined
      }),
    )
    const inOrder = named
      .filter((one) => one !== undefined)
      .toSorted((one, other) => one.others.length - other.others.length)
    for (const [index, { others }] of inOrder.entries())
      expect(others.toSorted()).toEqual(
        inOrder
          .slice(0, index)
          .map(({ id }) => id)
          .toSorted(),
      )
    expect(inOrder).toHaveLength(20)
  })

  test('sessions are listed oldest first', async () => {
    const sessions = await startedInTurn(12)
    expect(await store().listOfUser(sessions[0]?.userId ?? '')).toStrictEqual(sessions)
  })
})
