// The sender of a refresh, as two short hashes that the family keeps. The rule that compares them is
// decideRotation in sessions/family.ts.
import { hashToken } from '../secrets.ts'
import type { Family, RefreshSender } from '../sessions/family.ts'
import { surroundingNetworkOf } from '../throttle/network.ts'

/**
 * 18 bits of a hash. They show that two networks differ, but 64 networks of IPv4 have the same hash. The id
 * gives each family other hashes, so that nobody can look for one network in all families.
 */
const shortHash = (family: Pick<Family, 'id'>, kind: string, text: string): string =>
  hashToken(`${family.id}.${kind}.${text}`).slice(0, 3)

/** No user agent is a value of its own. Otherwise a thief could leave out the header. */
export const refreshSender = (
  family: Pick<Family, 'id'>,
  { ip, userAgent = '' }: { ip: string; userAgent?: string },
): RefreshSender => ({
  network: shortHash(family, 'network', surroundingNetworkOf(ip)),
  userAgent: shortHash(family, 'user-agent', userAgent),
})
