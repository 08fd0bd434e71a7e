/** How one setting is read from the environment and explained in docs/settings.md. */
export interface SettingSource {
  env: string;
  /** One sentence for docs/settings.md; what it is, its unit, what changes. */
  doc: string;
  /** What the documentation shows as default when the value is computed or absent. */
  shownDefault?: string;
  /** Secrets can also be given as the name of a file in `<env>_FILE`, and are never printed. */
  secret?: boolean;
  /** No secret, but can be given in `<env>_FILE` like those it belongs to. */
  fromFile?: boolean;
  /** Turns the text of the variable into the value; throws an Error whose message says what is accepted. */
  parse?: (text: string) => unknown;
}

const byClass = new Map<object, Map<string, SettingSource>>();

/** Marks a property of `Settings` as read from an environment variable. */
export function Setting(source: SettingSource): PropertyDecorator {
  return (target, property) => {
    const sources = byClass.get(target) ?? new Map<string, SettingSource>();
    byClass.set(target, sources.set(String(property), source));
  };
}

/** All settings by property name, in the order of their declaration; those of a class before those it extends. */
export function settingSources(): ReadonlyMap<string, SettingSource> {
  return new Map([...byClass.values()].reverse().flatMap((sources) => [...sources]));
}
