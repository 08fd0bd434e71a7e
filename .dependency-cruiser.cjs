/**
 * Who may import whom. Type-only imports count. Growing a row needs a short ADR in docs/adr/.
 * Which folders own a package (typeorm, bull, …) is in eslint.config.js.
 */

/** Each library may import the ones named here, beside contracts and config. */
const LIBRARIES = {
  contracts: [],
  paths: [],
  redis: [],
  bus: ['redis'],
  database: ['paths'],
  storage: ['paths', 'database'],
  engines: ['paths'],
  queue: ['database', 'redis'],
  auth: ['database'],
  observability: ['database'],
  workers: ['paths', 'database'],
  credentials: ['paths', 'storage', 'database', 'auth'],
  agents: ['paths', 'storage', 'database', 'auth'],
  sessions: ['database', 'auth'],
  workspaces: ['paths', 'storage', 'database', 'credentials', 'sessions', 'auth'],
  tasks: ['database', 'queue', 'bus', 'agents', 'sessions', 'auth'],
  live: ['database', 'bus', 'tasks', 'sessions', 'auth', 'workers'],
  // prettier-ignore
  execution: ['paths', 'database', 'queue', 'bus', 'engines', 'credentials', 'agents', 'sessions', 'workspaces', 'tasks', 'workers'],
  imports: ['paths', 'storage', 'database', 'agents', 'auth'],
  // prettier-ignore
  webhooks: ['paths', 'storage', 'database', 'credentials', 'agents', 'sessions', 'workspaces', 'tasks', 'auth'],
};

/** Each app may import the ones named here, and every library; the dashboard only contracts. */
const APPS = { api: ['worker'], worker: [], cli: ['api', 'worker'], dashboard: [] };

const OURS = '^(apps|libs|config|test|bench|scripts)/';
const TESTS = '\\.(spec|contract)\\.ts$';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const oneOf = (names) => `(${names.join('|')})`;

module.exports = {
  forbidden: [
    rule('no-circular', 'Something that goes back goes as an event or a row.', {}, { circular: true }),
    rule('no-unresolvable', 'The import leads nowhere.', {}, { couldNotResolve: true }),
    rule(
      'library-not-in-table',
      'Give the new library a row in .dependency-cruiser.cjs.',
      { path: '^libs/', pathNot: `^libs/${oneOf(Object.keys(LIBRARIES))}/` },
      {},
    ),

    ...Object.entries(LIBRARIES)
      .filter(([library]) => library !== 'contracts')
      .map(([library, others]) =>
        rule(
          `${library}-imports`,
          `libs/${library} may import ${['contracts', 'config', ...others].join(', ')}.`,
          { path: `^libs/${library}/` },
          { path: '^libs/', pathNot: `^libs/${oneOf([library, 'contracts', ...others])}/` },
        ),
      ),
    rule(
      'contracts-imports-nothing',
      'The wire vocabulary runs in a browser too: no Nest, no node:, nothing of ours.',
      { path: '^libs/contracts/', pathNot: TESTS },
      { pathNot: '^libs/contracts/', path: [OURS, '/@nestjs/'] },
    ),
    rule(
      'contracts-without-node',
      'The wire vocabulary runs in a browser too.',
      { path: '^libs/contracts/', pathNot: TESTS },
      { dependencyTypes: ['core'] },
    ),
    rule(
      'config-imports',
      'config may import contracts.',
      { path: '^config/' },
      { path: OURS, pathNot: ['^config/', '^libs/contracts/'] },
    ),
    rule(
      'libs-below-apps',
      'A library does not know the apps.',
      { path: '^(libs|config)/' },
      { path: '^apps/' },
    ),

    ...Object.entries(APPS).map(([app, others]) =>
      rule(
        `${app}-imports`,
        `apps/${app} may import ${others.length > 0 ? `apps/${others.join(', apps/')}` : 'no other app'}.`,
        { path: `^apps/${app}/` },
        { path: '^apps/', pathNot: `^apps/${oneOf([app, ...others])}/` },
      ),
    ),
    rule(
      'dashboard-imports-contracts-only',
      'The dashboard speaks to the server over the wire alone.',
      { path: '^apps/dashboard/' },
      { path: OURS, pathNot: ['^apps/dashboard/', '^libs/contracts/', '^test/support/'] },
    ),

    rule(
      'by-the-front-door',
      'Another library is imported by its index.ts (@app/<name>), nothing deeper.',
      { path: '^libs/([^/]+)/' },
      { path: '^libs/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/index\\.ts$'] },
    ),
    rule(
      'apps-by-the-front-door',
      'A library is imported by its index.ts (@app/<name>), nothing deeper.',
      { path: '^(apps|config)/' },
      { path: '^libs/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    ),
    rule(
      'config-by-the-front-door',
      'config is imported by its index.ts (@app/config), nothing deeper.',
      { path: '^(apps|libs)/' },
      { path: '^config/', pathNot: '^config/index\\.ts$' },
    ),

    rule(
      'no-tools-in-product',
      'Tests, benchmarks and scripts are not shipped.',
      { path: '^(apps|libs|config)/', pathNot: [TESTS, '^apps/dashboard/e2e/'] },
      { path: ['^(test|bench|scripts)/', TESTS] },
    ),
    rule(
      'no-dev-packages-in-product',
      'What runs in production is a dependency, not a devDependency.',
      { path: '^(apps/(api|worker|cli)|libs|config)/', pathNot: TESTS },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The page's modules are served as they are; one of them comes from the server itself.
    exclude: { path: ['(^|/)dist/', '^apps/api/public/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
