export interface Finding {
  level: 'ok' | 'warn' | 'fail';
  name: string;
  /** What was found and, unless it is well, what to do. */
  text: string;
}

const at =
  (level: Finding['level']) =>
  (name: string, text: string): Finding => ({ level, name, text });

export const ok = at('ok');
export const warn = at('warn');
export const fail = at('fail');
