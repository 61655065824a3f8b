/** Names of files that hold secrets as a rule: their contents are never recorded. Globs of git's pathspecs. */
export const SECRET_FILES: readonly string[] = [
  '.env*',
  '*.env',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  'id_rsa*',
  'id_ed25519*',
  '.npmrc',
  '.pypirc',
  '.netrc',
  '*secret*',
  '*credential*',
  '*password*',
];

const BLOT = '[blotted out]';

/** Values beside words that name secrets, keys of known forms, PEM blocks, and passwords in URLs. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, BLOT],
  [
    /((?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[A-Za-z0-9_-]*["']?\s*[:=]\s*)(?:"[^"\n]*"|'[^'\n]*'|[^\s,;]+)/gi,
    `$1${BLOT}`,
  ],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, BLOT],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|hf_|npm_)[A-Za-z0-9_-]{16,}/g, BLOT],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:)[^\s/@]+(@)/gi, `$1${BLOT}$2`],
];

/** A text with what looks like a secret blotted out. */
export function blotted(text: string): string {
  return PATTERNS.reduce((left, [pattern, to]) => left.replace(pattern, to), text);
}
