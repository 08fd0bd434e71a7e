/** How one setting is read from the environment and explained in docs/settings.md. */
export interface SettingSource {
  env: string;
  /** One sentence for docs/settings.md; what it is, its unit, what changes. */
  doc: string;
  /** What the documentation shows as default when the value is computed or absent. */
  shownDefault?: string;
  /** Secrets can also be given as the name of a file in `<env>_FILE`, and are never printed. */
  secret?: boolean;
  /** Turns the text of the variable into the value; throws an Error whose message says what is accepted. */
  parse?: (text: string) => unknown;
}

const sources = new Map<string, SettingSource>();

/** Marks a property of `Settings` as read from an environment variable. */
export function Setting(source: SettingSource): PropertyDecorator {
  return (_target, property) => {
    sources.set(String(property), source);
  };
}

/** All settings in the order of their declaration, by property name. */
export function settingSources(): ReadonlyMap<string, SettingSource> {
  return sources;
}
