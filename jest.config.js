const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', {}] },
  moduleNameMapper: {
    '^@app/config$': '<rootDir>/config/index.ts',
    '^@app/(.*)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // An absent optional package of TypeORM or Nest must not be searched for in build output.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  globalTeardown: '<rootDir>/test/support/teardown.mjs',
};

/** Unit specs touch nothing but a folder of their own. */
const unit = { ...base, globalSetup: '<rootDir>/test/support/setup-folders.mjs' };
/** The other suites share one private Postgres and one private Redis, started only when such a suite runs. */
const withServers = { ...base, globalSetup: '<rootDir>/test/support/setup-servers.mjs' };

export default {
  coverageProvider: 'v8',
  // CI machines have two cores, and the servers want some of them too.
  maxWorkers: process.env.CI ? 2 : '50%',
  projects: [
    {
      ...unit,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,config}/**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/apps/dashboard/'],
    },
    {
      ...withServers,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/{integration,support}/**/*.spec.ts'],
    },
    { ...withServers, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'] },
    { ...withServers, displayName: 'browser', testMatch: ['<rootDir>/apps/dashboard/e2e/**/*.spec.ts'] },
    {
      ...withServers,
      displayName: 'faults',
      testMatch: ['<rootDir>/test/faults/{checker,harness,round}/**/*.spec.ts'],
    },
    // One by one, and not in `npm test`: they take minutes. See scripts/test-faults.mjs.
    { ...withServers, displayName: 'scenarios', testMatch: ['<rootDir>/test/faults/scenarios/**/*.spec.ts'] },
  ],
};
