// The networks that throttling and refreshes use instead of the single address of a request.
import { describe, expect, test } from 'vitest'
import { networkBudgets, networksOf, surroundingNetworkOf } from '../../src/throttle/network.ts'

describe('the networks of an address', () => {
  test.each([
    ['203.0.113.9', ['203.0.113.9']],
    ['::ffff:203.0.113.9', ['203.0.113.9']],
    ['2001:db8:1:2ff::9', ['2001:db8:1:2ff::/64', '2001:db8:1:200::/56', '2001:db8:1::/48']],
    ['2001:DB8:1:2ff:a:b:c:d', ['2001:db8:1:2ff::/64', '2001:db8:1:200::/56', '2001:db8:1::/48']],
    ['2001:db8::', ['2001:db8:0:0::/64', '2001:db8:0:0::/56', '2001:db8:0::/48']],
    ['::1', ['0:0:0:0::/64', '0:0:0:0::/56', '0:0:0::/48']],
    ['::2:3:4:5:6:7', ['0:0:2:3::/64', '0:0:2:0::/56', '0:0:2::/48']],
    ['fe80::1%eth0', ['fe80:0:0:0::/64', 'fe80:0:0:0::/56', 'fe80:0:0::/48']],
    ['no address', ['no address']],
  ])('%s is in %j (F4)', (ip, networks) => {
    expect(networksOf(ip)).toEqual(networks)
  })

  test.each([
    ['203.0.113.9', '203.0.113.0/24'],
    ['::ffff:203.0.113.9', '203.0.113.0/24'],
    ['2001:db8:1:2ff::9', '2001:db8:1::/48'],
  ])('the servers around %s are %s', (ip, network) => {
    expect(surroundingNetworkOf(ip)).toBe(network)
  })

  test('a larger network has a larger budget, and gets it back faster (F4)', () => {
    const budgets = networkBudgets('network', '2001:db8:1:2ff::9', { burst: 10, refillSeconds: 60 })
    expect(budgets).toEqual([
      { key: 'network:2001:db8:1:2ff::/64', burst: 10, refillSeconds: 60 },
      { key: 'network:2001:db8:1:200::/56', burst: 20, refillSeconds: 30 },
      { key: 'network:2001:db8:1::/48', burst: 40, refillSeconds: 15 },
    ])
  })
})
