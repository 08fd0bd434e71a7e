import { Column, type ColumnOptions } from 'typeorm';

/**
 * The few kinds of column that SQLite and Postgres store alike. Entities use these and no other: ids and codes are
 * varchar, instants are ISO-8601 text, JSON is text.
 */
type Options = Pick<ColumnOptions, 'primary' | 'nullable' | 'default'>;

export function IdColumn(options: Options = {}): PropertyDecorator {
  return Column('varchar', { ...options, length: 64 });
}

export function NameColumn(options: Options = {}): PropertyDecorator {
  return Column('varchar', { ...options, length: 255 });
}

export function TextColumn(options: Options = {}): PropertyDecorator {
  return Column('text', options);
}

export function InstantColumn(options: Options = {}): PropertyDecorator {
  return Column('varchar', { ...options, length: 30 });
}

export function CountColumn(options: Options = {}): PropertyDecorator {
  return Column('integer', options);
}

/** Counts that may pass 2^31; Postgres hands a bigint over as text. */
export function BigCountColumn(options: Options = {}): PropertyDecorator {
  return Column('bigint', {
    ...options,
    transformer: { to: (value: number) => value, from: (value: unknown) => Number(value) },
  });
}

export function AmountColumn(options: Options = {}): PropertyDecorator {
  return Column('double precision', options);
}

/** An object stored as JSON text. Text that is not JSON (a hand-made row) reads as null. */
export function JsonColumn(options: Options = {}): PropertyDecorator {
  return Column('text', {
    ...options,
    transformer: {
      to: (value: unknown) => (value === undefined || value === null ? value : JSON.stringify(value)),
      from: parseJson,
    },
  });
}

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
