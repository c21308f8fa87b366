// Converts Hangul to the keys that type it on a Korean (dubeolsik) keyboard: 안녕 becomes dkssud. Many Korean
// passwords are Hangul words typed with the Latin layout. The result is lower case, as in strength.ts.

const initials = 'r R s e E f a q Q t T d w W c z x v g'.toLowerCase().split(' ')
const vowels = 'k o i O j p u P h hk ho hl y n nj np nl b m ml l'.toLowerCase().split(' ')
const finals = 'r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g'.toLowerCase().split(' ')

/** The first code point of each group of jamo in canonical decomposition (Unicode, section 3.12). */
const jamo = [
  { first: 0x1100, keys: initials },
  { first: 0x1161, keys: vowels },
  { first: 0x11a8, keys: finals },
]

const keyOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  for (const { first, keys } of jamo) {
    const key = keys[code - first]
    if (key) return key
  }
  return character
}

/** Replaces each Hangul syllable by its keys. Other characters stay. */
export const dubeolsikKeys = (text: string): string => Array.from(text.normalize('NFD'), keyOf).join('')
