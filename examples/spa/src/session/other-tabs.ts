// Messages between the tabs of this app. A browser delivers them only to pages of the same origin.

export type Message =
  /** A tab asks for a newer session than its own. */
  | { kind: 'ask' }
  /** The session of the sender, as `User.toStorageString` writes it. */
  | { kind: 'session'; user: string }
  | { kind: 'signed-out' }

const channel = new BroadcastChannel('session')

export const tellOtherTabs = (message: Message): void => channel.postMessage(message)

export const onMessage = (listener: (message: Message) => void): void => {
  channel.onmessage = ({ data }: MessageEvent<Message>) => listener(data)
}
