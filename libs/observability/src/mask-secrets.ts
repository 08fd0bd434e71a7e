/** Keys that have a form of their own. Their last four characters stay, so that a reader can tell which it was. */
const SECRET = /\b(cc[al]_|sk-ant-|gh[pousr]_|github_pat_)[\w-]{12,}/g;

/** The net beneath redaction: whatever is about to be written, no known form of key goes out whole. */
export function maskSecrets(text: string): string {
  return text.replace(SECRET, (secret, prefix: string) => `${prefix}…${secret.slice(-4)}`);
}
