/** What an import did with one kind of thing. */
export interface ImportedKind {
  imported: number;
  /** It was there before, and stays as it is. */
  present: number;
  skipped: Skipped[];
}

export interface Skipped {
  name: string;
  why: string;
}

export interface ImportReport {
  sessions: ImportedKind;
  tasks: ImportedKind;
  agents: ImportedKind;
  skills: ImportedKind;
  webhooks: ImportedKind;
  /** The sum of what the imported tasks cost, in US dollars. */
  cost_usd: number;
  /** What a person should know or do, in sentences. */
  notes: string[];
}

export function emptyReport(): ImportReport {
  const none = (): ImportedKind => ({ imported: 0, present: 0, skipped: [] });
  return {
    sessions: none(),
    tasks: none(),
    agents: none(),
    skills: none(),
    webhooks: none(),
    cost_usd: 0,
    notes: [],
  };
}
