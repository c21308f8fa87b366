/** Kakao and Google wait three seconds for an answer and count a later one as a failure. */
export const senderPatienceMs = 2000
