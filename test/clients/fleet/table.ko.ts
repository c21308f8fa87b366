// The tables of docs/stock-clients.ko.md are the English tables in these words, so both pages have the same
// results.

const words = new Map([
  ['library', '라이브러리'],
  ['version', '버전'],
  ['language', '언어'],
  ['needs', '필요한 설정'],
  ['signs in', '로그인'],
  ['refreshes', '갱신'],
  ['after a rotation', '키 교체 뒤'],
  ['after a revoked key', '키 폐기 뒤'],
  ['as in its quick start', '공식 예제 그대로'],
  ['with the lines below', '아래 코드'],
  ['lives through a rotation', '키 교체 중'],
  ['accepts a new key', '새 키를 받아들이는 때'],
  ['accepts a revoked key', '폐기한 키를 받아들이는 시간'],
  ['yes', '됨'],
  ['has none', '기능 없음'],
  ['none', '예제 없음'],
  ['right', '올바름'],
  ['accepts', '받아들임'],
  ['refuses', '거부함'],
  ['access tokens', '액세스 토큰'],
  ['an ID token', 'ID 토큰'],
  ['another type', '다른 타입'],
  ['another API', '다른 API'],
  ['another issuer', '다른 발급자'],
  ['an expired token', '만료된 토큰'],
  ['at once', '바로'],
  ['within 30 s', '30초 안'],
  ['with its file', '키 파일을 넣은 뒤'],
  ['refused at once', '바로 거부'],
  ['until its file is replaced', '키 파일을 바꿀 때까지'],
  ['30 seconds', '30초'],
  ['1 minute', '1분'],
  ['10 minutes', '10분'],
  ['until a token of the next key comes, or 5 minutes', '다음 키의 토큰이 올 때까지, 길어야 5분'],
  ['until a token of the next key comes, or 10 minutes', '다음 키의 토큰이 올 때까지, 길어야 10분'],
  [
    'until a token of the next key comes, or until the service restarts',
    '다음 키의 토큰이 오거나 서비스를 재시작할 때까지',
  ],
])

const korean = (english: string): string => {
  const word = words.get(english)
  if (word === undefined)
    throw new Error(`Add Korean words for "${english}" to test/clients/fleet/table.ko.ts.`)
  return word
}

/** A list such as `accepts an ID token, another type`. */
const listInKorean = (list: string): string => {
  const [verb = '', ...names] = list.split(/(?<=^\w+) |, /)
  return `${korean(verb)}: ${names.map(korean).join(', ')}`
}

/** The first three columns have names and versions. Code and empty cells are the same in both languages. */
const cellInKorean = (cell: string, column: number): string => {
  if (words.has(cell)) return korean(cell)
  if (column < 3) return cell.replace(' with ', ' + ').replace('or newer', '이상')
  if (/^(accepts|refuses) /.test(cell)) return cell.split('; ').map(listInKorean).join('. ')
  return /^(`.*`|-+|)$/.test(cell) ? cell : korean(cell)
}

export const tableInKorean = (english: string): string =>
  english
    .split('\n')
    .map((row) => `| ${row.slice(2, -2).split(' | ').map(cellInKorean).join(' | ')} |`)
    .join('\n')
