import { useSyncExternalStore } from 'react'
import { currentUser, subscribe } from './session.ts'

/** The signed-in user, or null. The component renders again when any tab signs in or out. */
export const useUser = () => useSyncExternalStore(subscribe, currentUser)
