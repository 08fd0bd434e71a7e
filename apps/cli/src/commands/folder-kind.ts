/** What users make as folders; the word of the command and of the address. */
export type FolderKind = 'agents' | 'skills';

export function addressOf(kind: FolderKind, name: string): string {
  return `/api/${kind}/${encodeURIComponent(name)}`;
}
