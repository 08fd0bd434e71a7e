/** What users make: each one is a folder under a name, below /data/config. The words of addresses and paths. */
export const KINDS = ['agents', 'skills'] as const;
export type Kind = (typeof KINDS)[number];

export const WORD_OF = { agents: 'agent', skills: 'skill' } as const satisfies Record<Kind, string>;
export const INVALID_OF = { agents: 'INVALID_AGENT', skills: 'INVALID_SKILL' } as const;
/** The file without which the folder is nothing. */
export const MAIN_FILE_OF = { agents: 'CLAUDE.md', skills: 'SKILL.md' } as const;
