// The networks of a request, which throttling and refreshes use instead of the single address.
import { isIPv4, isIPv6 } from 'node:net'
import type { Budget, Rate } from './throttle.ts'

/** The eight groups of an IPv6 address as numbers. */
const groupsOf = (ip: string): number[] => {
  const [head = '', tail] = (ip.split('%')[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16))
}

/**
 * An IPv4 address, or the /64, the /56 and the /48 of an IPv6 address. A customer usually has one of these
 * IPv6 networks, and can use every address in it.
 */
export const networksOf = (ip: string): [string, ...string[]] => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped !== undefined) return [mapped]
  if (!isIPv6(ip)) return [ip]
  const [a = 0, b = 0, c = 0, d = 0] = groupsOf(ip)
  const prefix = (...groups: number[]) => groups.map((group) => group.toString(16)).join(':')
  return [`${prefix(a, b, c, d)}::/64`, `${prefix(a, b, c, d & 0xff00)}::/56`, `${prefix(a, b, c)}::/48`]
}

/** The largest network of an address, which one customer may have. */
export const widestNetworkOf = (ip: string): string => networksOf(ip).at(-1) ?? ip

/** The smallest network of an address. */
export const networkOf = (ip: string): string => networksOf(ip)[0]

/** The largest network that one customer usually has. */
export const largestNetworkOf = (ip: string): string => networksOf(ip).at(-1) ?? ip

/** The /24 around an IPv4 address, or the /48 of an IPv6 address. The servers of a backend often share it. */
export const surroundingNetworkOf = (ip: string): string => {
  const network = largestNetworkOf(ip)
  return isIPv4(network) ? network.replace(/\.\d+$/, '.0/24') : network
}

/** A budget for each network of the address. A /56 has twice the budget of a /64, and a /48 four times. */
export const networkBudgets = (name: string, ip: string, { burst, refillSeconds }: Rate): Budget[] =>
  networksOf(ip).map((network, level) => ({
    key: `${name}:${network}`,
    burst: burst * 2 ** level,
    refillSeconds: refillSeconds / 2 ** level,
  }))
