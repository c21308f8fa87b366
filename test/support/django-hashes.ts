// Hashes of made-up passwords from Django 5.2, passlib 1.7, Python's bcrypt 4.0 and argon2-cffi 25.1. No
// account uses them. The cost is the system's default unless the hash shows a lower one.

export const plain = 'made up for tests 1'
/** The trailing space and the characters show whether a system trims or does not use UTF-8. */
export const unicode = 'Ünïcode 비밀 문구 🔑 '
/** Longer than the 72 bytes that bcrypt reads. */
export const long =
  'made up and longer than seventy-two bytes so that bcrypt alone would cut it off here: tail'

export const foreignHashes: readonly { form: string; password: string; stored: string }[] = [
  {
    form: 'django pbkdf2_sha256',
    password: unicode,
    stored: 'pbkdf2_sha256$1000000$EHm7yGq8SHa756dg57iG8J$zQhJwF5U2+BaNbvW/IWYAgoi3D+iNBlCJk+DrPvembQ=',
  },
  {
    form: 'django pbkdf2_sha256, 1,000 iterations',
    password: plain,
    stored: 'pbkdf2_sha256$1000$saltsaltsalt$0U0eGvI8YdYvPckL6ZwwxJa9vdV3DoiK+cfak1rwPhQ=',
  },
  {
    form: 'django bcrypt_sha256',
    password: unicode,
    stored: 'bcrypt_sha256$$2b$12$MLSx/f6G9mb7y7DwUaBaeeEvxdkwH4y8cWg0f2ht4xD5MUtxPLn0q',
  },
  {
    form: 'django bcrypt_sha256 of a long password',
    password: long,
    stored: 'bcrypt_sha256$$2b$12$LlDbnWOIlMoTOb.LJSmaJ.0j0TZeqwmz69MEkBuuW5d1pMaOAfhP2',
  },
  {
    form: 'django argon2',
    password: unicode,
    stored:
      'argon2$argon2id$v=19$m=102400,t=2,p=8$eDVSZFlTTWg2ZkdTblpLbldZdmxqeg$4wwJI2wtjav6LyslNtMsMTbPWSj9cJby+CLDDTzOzck',
  },
  {
    form: 'django scrypt',
    password: unicode,
    stored:
      'scrypt$16384$sL8yGhfbEKAOlQu55IbO7I$8$5$8NVyVLiKFZmPg9xSdVTa8RCaFrjKZFzDiUsFrVa0F53kaEPsRcnyYV2iFYo3kxompXp4GFcwvrXKk175cK/wwA==',
  },
  {
    form: 'bcrypt 2a',
    password: unicode,
    stored: '$2a$06$vds3.0BOet181MPlMNzhLekK4ydu49Dvj66igAM4/P1K90TrEoEVS',
  },
  {
    form: 'bcrypt 2b',
    password: plain,
    stored: '$2b$06$oP0YSZehn8Ea7DEKHpicCuJ5zkO1goFpyQgzh83sGB8vJXg24ay3a',
  },
  {
    form: 'bcrypt 2y',
    password: plain,
    stored: '$2y$06$J7KOBSKuuszws4GWEbJweuZXzNLBdeL.LZ9T8dnWUDxbfmmw0PXdW',
  },
  {
    form: 'passlib scrypt, ln=10',
    password: unicode,
    stored: '$scrypt$ln=10,r=8,p=1$1jqnVKoVAqDUGsPYWytl7A$ZJ8oB4m1Ic+DIsC5EjmdHU6bZ3cFoTSYCIzRk+B/zzE',
  },
  {
    form: 'passlib scrypt',
    password: plain,
    stored: '$scrypt$ln=16,r=8,p=1$/B+DkBKiVCrFOEcI4XwPQQ$NnjY++gbSOfXvGtLXjG59nFyO7kVYR3IBOONTWC4wr8',
  },
  {
    form: 'argon2id',
    password: plain,
    stored:
      '$argon2id$v=19$m=1024,t=2,p=2$QyhlTCkFAADgnLPW2ts7Jw$mD6lPKGyuzv0gvtav6enIRf7wkZbjcQmHMW8QGiZ5pA',
  },
  {
    form: 'argon2i',
    password: plain,
    stored: '$argon2i$v=19$m=1024,t=2,p=2$w7hXypmTklJq7R0jZIxRCg$u/wK/wjMJvjyvqaPQulWXdtUFPuizdkrCk2Uikf02iI',
  },
  {
    form: 'argon2d',
    password: plain,
    stored: '$argon2d$v=19$m=1024,t=2,p=2$WmsNAQDAWKuVcq6VkpJSyg$DEKOkU3xOtMuNgdtTMUvYlE5jrE/HZox9yjiTAURQAo',
  },
  {
    form: 'argon2i of version 16 without a version field',
    password: plain,
    stored: '$argon2i$m=1024,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$znXJl/9rfjLlhlZfklAuyP9XqOArUn3EKFhK/8R6gDg',
  },
]
