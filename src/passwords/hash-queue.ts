// A queue that limits how many password hashes run and wait at the same time. It knows no algorithm.
import { Unavailable } from '../unavailable.ts'

/**
 * Why a password is hashed. `known`: for a known device, a known network or a user who is signed in. Each
 * lane has its own waiting places, so that a flood in one lane does not fill another.
 */
export type HashLane = 'known' | 'sign_in' | 'sign_up'

export interface HashQueue {
  /** Runs `work` when a slot is free. @throws {Unavailable} if the lane is full */
  <T>(lane: HashLane, work: () => Promise<T>): Promise<T>
  /** The number of hashes, for metrics. */
  depth(): { running: number; waiting: number }
}

/** While both wait, every fourth slot that `known` does not need goes to a sign-up. */
const signUpTurn = 4

/** Each hash uses 19 MiB and a thread. The limits turn a flood of logins into 503 instead of a crash. */
export const createHashQueue = ({
  concurrency,
  maxWaiting,
}: {
  concurrency: number
  /** For each lane. Sign-ups get a quarter. */
  maxWaiting: number
}): HashQueue => {
  const lanes: Record<HashLane, (() => void)[]> = { known: [], sign_in: [], sign_up: [] }
  const places = { known: maxWaiting, sign_in: maxWaiting, sign_up: Math.ceil(maxWaiting / signUpTurn) }
  let running = 0
  let turn = 0

  const nextStranger = () => {
    turn = (turn + 1) % signUpTurn
    const { sign_in, sign_up } = lanes
    return turn === 0 ? (sign_up.shift() ?? sign_in.shift()) : (sign_in.shift() ?? sign_up.shift())
  }

  const run = async <T>(lane: HashLane, work: () => Promise<T>): Promise<T> => {
    if (running < concurrency) running += 1
    else if (lanes[lane].length >= places[lane])
      throw new Unavailable('password hashing', { retryAfterSeconds: 1 })
    // A finished hash gives its slot to a waiting one, so `running` does not change.
    else await new Promise<void>((resolve) => lanes[lane].push(resolve))
    try {
      return await work()
    } finally {
      const next = lanes.known.shift() ?? nextStranger()
      if (next) next()
      else running -= 1
    }
  }

  const waiting = () => lanes.known.length + lanes.sign_in.length + lanes.sign_up.length
  return Object.assign(run, { depth: () => ({ running, waiting: waiting() }) })
}
