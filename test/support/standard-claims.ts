// The standard claims that an admin can store for a user (OIDC Core §5.1).
export const standardClaims = {
  family_name: '홍',
  given_name: '길동',
  middle_name: '',
  nickname: '길동이',
  profile: 'https://example.com/hong',
  picture: 'https://example.com/hong.png',
  website: 'https://hong.example',
  gender: 'male',
  birthdate: '1990-01-31',
  zoneinfo: 'Asia/Seoul',
  address: { formatted: '서울특별시 중구', country: 'KR' },
  phone_number: '+821012345678',
  phone_number_verified: true,
}
