// What JavaScript says of patterns: prints tests/cases/patterns/ecma-262.json, against which the
// compiler's own tests hold its translation and its engine. To be run again when a pattern or a
// text is added:
//
//     node tests/external/scripts/patterns.mjs > tests/cases/patterns/ecma-262.json

const atoms = [
  'a', '.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '[a-z]', '[^a-z]', '[\\d.]', '[^\\d]',
  '[\\w-]', '[^\\w]', '[\\s]', '[^\\s]', '[\\W_]', '[\\S ]', '[\\D\\d]', '[^]', '[é-ü]', 'é',
  '\\xe9', '\\u00e9', '\\u{e9}', '\\u{1F600}', '\\uD83D\\uDE00', '\\p{L}', '\\P{L}', '[\\p{Lu}\\d]',
  '\\p{Letter}', '\\p{Script=Greek}', '\\p{ASCII}', '[^\\p{L}]', '\\n', '\\r', '\\t', '\\v', '\\f',
  '\\0', '\\cJ', '[\\b]', '\\/', '\\-', '\\$', '[$^]', '[.]', '[-a]', '[a-]', '[&&a]', '[a~~]',
  '(?:a|é)', '(a)', '(?<x>a)',
]
const frames = [(atom) => `^${atom}$`, (atom) => `^${atom}+$`, (atom) => `(?=${atom})${atom}$`]

const others = [
  '\\b', '\\B', '\\ba', 'a\\b', 'a\\B', '\\Ba', '\\bé', 'é\\b', '\\Bé', 'é\\B', '\\b\\w+\\b',
  '^\\b', '\\b$', '^\\B', '\\B$', '\\b-\\b', '\\B-\\B', '^\\w+\\b.\\b\\w+$', 'é\\ba', '(?=.*\\ba)',
  '(?=.*\\Ba)', '(?=.)\\b$', '(?!é)\\b', '(?<=\\b)a', '(?<=\\w)\\b', '(?<!\\d)a', '(?<=é)a',
  '(\\w)\\1', '(.)\\1', '^(?:(a)|é)\\1$', '^\\1(a)$', '(?<x>\\w)\\k<x>', '^(a)?\\1$', '(?!\\1)(a)',
  '^(?:a|b)*?$', '^a{2}$', '^a{1,}$', '^a{,2}$', '^{a}$', '^a{$', '^]$', '^}$', '^[\\w--]$',
  '^[a-\\d]$', '^[\\d-a]$', '^\\A', '\\z$', '\\Z$', '^\\a$', '^\\e$', '^\\_$', '^\\@$', '^\\ $',
  '^\\<a\\>$', '^\\é$', '^\\pL$', '^\\Qa$', '^\\h$', '^\\R$', '^\\X$', '^\\K', '^\\G', '^\\i$',
  '^\\c$', '^\\x$', '^\\u$', '^\\1$', '^\\07$', '^\\8$', '^[\\1]$', '^(?=a)*', '^$', '', '$^',
  '^.*$', '^.{1}$', '^.{2}$', '^[^]*$', '^[]', '^\\s*$', '^\\S+$', '^\\w*$', '(^a|b$)', '^a|é$',
  'a$', '^\\n?$', '\\r$', '^[\\s\\S]$', '^[\\w\\W]{2}$', '^#a$', '^a #b$', '^(?:)$', '(?:^)*a',
  '^[\\x00-\\x1f]$', '^[^\\x00-\\x7f]$', '^[\\u0000-\\uffff]$', '^[\\u{10000}-\\u{10ffff}]$',
]

const texts = [
  '', 'a', 'b', 'A', 'z', '0', '7', '_', '-', '.', ' ', '$', '^', '\n', '\r', '\t', '\v', '\f', '\b',
  '\0', '\u2028', '\u00a0', '\ufeff', '\u0085', '\u180e', 'é', 'É', 'ü', 'λ', 'ſ', '\u212a', '٣', '😀',
  'aa', 'aé', 'éa', 'éé', 'é a', 'a-b', 'a-é', 'é-é', '--', 'a\n', '\na', 'a\r\n', 'a b', '{a}', 'a{',
  'a{,2}', ']', '}', '<a>', 'Aa', 'az', 'zZ', 'pL', 'Qa', 'h', 'R', 'X', 'Ka', 'G', 'i', 'e', '@', '#a',
  'a #b', '/', '\\', '&', '~', '\u0001', '\u0007', '8', 'x', 'u', '\u20ac', 'İ', 'ß',
]

const compiled = (pattern) => {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags)
    } catch {}
  }
  return null
}

const patterns = [...new Set([...frames.flatMap((frame) => atoms.map(frame)), ...others])]
const lines = patterns.flatMap((pattern) => {
  const regex = compiled(pattern)
  if (!regex) return []
  const answers = texts.map((text) => (regex.test(text) ? 'x' : '.')).join('')
  return [`    ${JSON.stringify(pattern)}: "${answers}"`]
})
console.log(`{\n  "texts": ${JSON.stringify(texts)},\n  "patterns": {\n${lines.join(',\n')}\n  }\n}`)
