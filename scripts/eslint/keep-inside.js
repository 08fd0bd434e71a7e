/**
 * Makes lint configuration that keeps a package, or some of its names, inside the folders that own it. It looks at
 * `import`, `export … from`, `import()` and type imports alike.
 */

/**
 * @param {{ [name: string]: { modules: string[], names?: string[], inside: string[], because: string } }} borders
 *   `inside` are globs from the repository's root; without `names` the whole module is meant
 * @param {string[]} everywhere globs of files that may import anything
 */
export function keepInside(borders, everywhere) {
  const rules = Object.fromEntries(Object.entries(borders).map(([name, border]) => [name, ruleFor(border)]));
  return [
    { plugins: { inside: { rules } } },
    ...Object.entries(borders).map(([name, { inside }]) => ({
      files: ['**/*.{ts,tsx}'],
      ignores: [...inside, ...everywhere],
      rules: { [`inside/${name}`]: 'error' },
    })),
  ];
}

function ruleFor({ modules, names, inside, because }) {
  return {
    meta: { type: 'problem', schema: [], messages: { outside: '{{what}} {{where}}: {{because}}' } },
    create(context) {
      const where = inside.length > 0 ? `stays inside ${inside.join(', ')}` : 'is not used here';

      function check(node, source, specifiers = []) {
        if (!modules.includes(source?.value)) return;
        const imported = specifiers.map((specifier) => (specifier.imported ?? specifier.local).name);
        const forbidden = imported.filter((name) => names?.includes(name));
        if (names && forbidden.length === 0) return;
        const what = names ? forbidden.join(', ') : source.value;
        context.report({ node, messageId: 'outside', data: { what, where, because } });
      }

      return {
        ImportDeclaration: (node) => check(node, node.source, node.specifiers),
        ExportNamedDeclaration: (node) => check(node, node.source, node.specifiers),
        ExportAllDeclaration: (node) => check(node, node.source),
        ImportExpression: (node) => check(node, node.source),
        TSImportType: (node) => check(node, node.source),
      };
    },
  };
}
