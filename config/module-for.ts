import type { DynamicModule, Type } from '@nestjs/common';
import type { Settings } from './settings.js';

const built = new WeakMap<Settings, Map<Type, DynamicModule>>();

/**
 * The module of a library for one set of settings, built once: Nest knows a dynamic module by its reference, so
 * all libraries that import it share its providers. This is what stands in for global modules here: each module
 * names what it imports, and two servers with different settings can live in one process.
 */
export function moduleFor(
  module: Type,
  settings: Settings,
  build: () => Omit<DynamicModule, 'module'>,
): DynamicModule {
  const modules = built.get(settings) ?? new Map<Type, DynamicModule>();
  built.set(settings, modules);
  const known = modules.get(module);
  if (known) return known;
  const made: DynamicModule = { module, ...build() };
  modules.set(module, made);
  return made;
}
