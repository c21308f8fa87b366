// Is this installation in order? What only the process that holds the stores can see; the rest is cli/doctor.ts.
import type { Clock } from '../clock.ts'
import type { KeyEncryption } from '../encryption/sealing.ts'
import { type KnownVerifiers, unawareOf } from '../keys/known-verifiers.ts'
import { prePublication } from '../keys/rotation.ts'
import { loadSigningKey } from '../keys/rsa-keys.ts'
import {
  publishedAt,
  type SigningKey,
  type SigningKeys,
  scheduledAt,
  signingKeyAt,
  standbysAt,
} from '../keys/signing-keys.ts'
import { readInput } from './input.ts'
import type { Operation } from './operation.ts'

export interface Finding {
  check: string
  status: 'ok' | 'note' | 'warning' | 'fault'
  message: string
  /** What to do about it. */
  advice?: string
}

/** The parts of the installation that no port shows. */
export interface Installation {
  database: {
    kind: 'pglite' | 'postgres'
    /** The time by the database's clock. */
    now(): Promise<Date>
    /** Applies what is missing; the names of what was. */
    migrate(): Promise<string[]>
    migrationState(): Promise<{ applied: readonly string[]; pending: readonly string[] }>
  }
  /** Absent: token state lives in the database. */
  redis?: { maxmemoryPolicy(): Promise<string> }
}

export interface DoctorDeps {
  clock: Clock
  signingKeys: SigningKeys
  knownVerifiers: KnownVerifiers
  decrypt: KeyEncryption['decrypt']
  installation: Installation
}

const databases = { pglite: 'the embedded PostgreSQL (PGlite)', postgres: 'PostgreSQL' } as const
const largestClockDifferenceSeconds = 5
const oldKeyDays = 90

const seconds = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const databaseFindings = async ({ clock, installation: { database } }: DoctorDeps): Promise<Finding[]> => {
  const before = clock.now()
  const databaseNow = await database.now()
  const after = clock.now()
  // Within the question and the answer no difference is seen.
  const difference = Math.max(seconds(databaseNow, before), seconds(after, databaseNow), 0)
  const { applied, pending } = await database.migrationState()
  return [
    { check: 'database', status: 'ok', message: `Answers: ${databases[database.kind]}.` },
    difference > largestClockDifferenceSeconds
      ? {
          check: 'clock',
          status: 'fault',
          message: `This machine and the database differ by ${Math.round(difference)} s.`,
          advice: 'Let NTP set the clocks of both; tokens from the future are refused.',
        }
      : { check: 'clock', status: 'ok', message: 'This machine and the database agree.' },
    pending.length > 0
      ? {
          check: 'migrations',
          status: 'fault',
          message: `Not applied: ${pending.join(', ')}.`,
          advice: 'Run "dojang migrate".',
        }
      : { check: 'migrations', status: 'ok', message: `All ${applied.length} are applied.` },
  ]
}

const redisFindings = async ({ installation: { redis } }: DoctorDeps): Promise<Finding[]> => {
  if (redis === undefined)
    return [{ check: 'redis', status: 'note', message: 'Not used: token state lives in the database.' }]
  const policy = await redis.maxmemoryPolicy()
  if (policy === 'noeviction')
    return [{ check: 'redis', status: 'ok', message: 'Answers, and evicts nothing.' }]
  return [
    {
      check: 'redis',
      status: 'warning',
      message: `Its maxmemory-policy is ${policy}: when memory is short it forgets sessions and revocations.`,
      advice: 'Set "maxmemory-policy noeviction".',
    },
  ]
}

const sealFinding = async (key: SigningKey, decrypt: KeyEncryption['decrypt']): Promise<Finding[]> => {
  try {
    await loadSigningKey(key, decrypt(key.kid, key.encryptedPrivateKey))
    return []
  } catch (error) {
    return [
      {
        check: 'key-encryption key',
        status: 'fault',
        message: `The signing key ${key.kid} cannot be used. ${sentence(error)}`,
        advice:
          'Bring back the key-encryption key; if it is lost, "dojang keys revoke --force" replaces the signing key.',
      },
    ]
  }
}

/** Services that should have fetched the next key by now. */
const unawareFindings = async (
  { clock, knownVerifiers }: DoctorDeps,
  next: SigningKey,
): Promise<Finding[]> => {
  const now = clock.now()
  if (seconds(next.publishedAt, now) < prePublication.floorSeconds) return []
  return unawareOf(next.kid, await knownVerifiers.list(), now).map(({ name, seenAt }) => ({
    check: 'rotation',
    status: 'warning',
    message: `${name} fetched the keys last at ${seenAt.toISOString()}, before ${next.kid} was there.`,
    advice: 'See that it reaches the issuer: it would refuse every token that the new key signs.',
  }))
}

const keyFindings = async (deps: DoctorDeps): Promise<Finding[]> => {
  const { clock, signingKeys, decrypt } = deps
  const now = clock.now()
  const keys = await signingKeys.list()
  const published = publishedAt(keys, now)
  const broken = (await Promise.all(published.map((key) => sealFinding(key, decrypt)))).flat()
  const sealed: Finding = {
    check: 'key-encryption key',
    status: 'ok',
    message: 'Opens every published signing key.',
  }

  const signing = signingKeyAt(keys, now)
  if (keys.length === 0)
    return [
      { check: 'signing keys', status: 'note', message: 'There are none yet; the first start makes one.' },
    ]
  if (signing === undefined)
    return [
      ...broken,
      {
        check: 'signing keys',
        status: 'fault',
        message: 'No key signs.',
        advice: 'Run "dojang keys generate".',
      },
    ]
  const days = Math.floor(seconds(signing.activatesAt ?? signing.createdAt, now) / 86_400)
  const next = scheduledAt(keys, now)
  const standbys = standbysAt(keys, now)
  const age: Finding = {
    check: 'signing keys',
    status: 'ok',
    message: `${signing.kid} has signed for ${days} days; ${published.length} published.`,
  }
  return [
    ...(broken.length > 0 ? broken : [sealed]),
    days >= oldKeyDays && next === undefined
      ? { ...age, status: 'warning', advice: 'Run "dojang keys rotate".' }
      : age,
    ...(next?.activatesAt
      ? [
          {
            check: 'rotation',
            status: 'note' as const,
            message: `${next.kid} takes over at ${next.activatesAt.toISOString()}.`,
          },
          ...(await unawareFindings(deps, next)),
        ]
      : []),
    ...(standbys.length === 0
      ? [
          {
            check: 'standby key',
            status: 'note' as const,
            message: 'No published key waits for an emergency.',
            advice: '"dojang keys generate" publishes one that verifiers then know before it is needed.',
          },
        ]
      : []),
  ]
}

/** A part that does not answer is a finding, not an end of the examination. */
const examined = async (check: string, examine: () => Promise<Finding[]>): Promise<Finding[]> => {
  try {
    return await examine()
  } catch (error) {
    return [
      {
        check,
        status: 'fault',
        message: sentence(error),
        advice: 'See that it runs and that its URL is right.',
      },
    ]
  }
}

export const createDoctorOperations = (deps: DoctorDeps) =>
  ({
    'doctor.report': async (given) => {
      readInput(given, [])
      const database = await examined('database', () => databaseFindings(deps))
      const hasTables = database.some(({ check, status }) => check === 'migrations' && status === 'ok')
      return [
        ...database,
        ...(await examined('redis', () => redisFindings(deps))),
        ...(hasTables ? await examined('signing keys', () => keyFindings(deps)) : []),
      ]
    },
    migrate: async (given) => {
      readInput(given, [])
      const applied = await deps.installation.database.migrate()
      const state = await deps.installation.database.migrationState()
      return { applied, current: state.applied.at(-1) ?? null }
    },
  }) satisfies Record<string, Operation>
