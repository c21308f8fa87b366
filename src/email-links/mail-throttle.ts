// Limits how many mails strangers can cause. It counts addresses, not accounts, so a refusal does not tell
// whether the address has an account.
import { hashToken } from '../secrets.ts'
import { networkBudgets } from '../throttle/network.ts'
import { type Budget, maxBudgetRecords, type Taken, type Throttle } from '../throttle/throttle.ts'
import { normalEmail } from '../users/user.ts'

export const mailRates = {
  /** Mails to one address: three at once, and three more each hour. */
  address: { burst: 3, refillSeconds: 1200 },
  /** Requests for mails from one network. */
  network: { burst: 10, refillSeconds: 180 },
} as const

const addressBudget = (email: string): Budget => ({
  key: `mail-address:${hashToken(normalEmail(email))}`,
  ...mailRates.address,
})

export interface MailThrottle {
  /** For a request that only asks for a mail. */
  takeRequest(email: string, ip: string, now: Date): Promise<Taken>
  /** For a sign-up, which has a limit per network of its own. */
  takeMail(email: string, now: Date): Promise<Taken>
}

export const createMailThrottle = (throttle: Throttle): MailThrottle => ({
  takeRequest: (email, ip, now) =>
    throttle.take(
      {
        budgets: [...networkBudgets('mail-network', ip, mailRates.network), addressBudget(email)],
        maxRecords: maxBudgetRecords,
      },
      now,
    ),
  takeMail: (email, now) =>
    throttle.take({ budgets: [addressBudget(email)], maxRecords: maxBudgetRecords }, now),
})
