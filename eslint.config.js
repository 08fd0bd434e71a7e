import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { keepInside } from './scripts/eslint/keep-inside.js';

/** Tests, benchmarks and tools are not the product: they may reach for what they need. */
const TOOLS = ['test/**', 'bench/**', 'scripts/**', '*.{js,cjs}'];
const TESTS = ['**/*.spec.ts', '**/*.contract.ts', 'test/**'];

/** Which folders own a package. Who may import which of our own folders is in .dependency-cruiser.cjs. */
const OWNED = {
  typeorm: {
    modules: ['typeorm', '@nestjs/typeorm'],
    inside: ['libs/database/**', '**/*.{entity,repository,module}.ts'],
    because: 'ask a repository',
  },
  bull: {
    modules: ['bull', '@nestjs/bull'],
    inside: ['libs/queue/**', '**/task.processor.ts'],
    because: 'use the TaskQueue port',
  },
  ioredis: { modules: ['ioredis'], inside: ['libs/redis/**'], because: 'connections have one owner' },
  'child-process': {
    modules: ['node:child_process', 'child_process'],
    inside: [
      'libs/engines/**',
      'libs/workspaces/**',
      'libs/storage/src/backup/**',
      'apps/cli/src/demo/server-process.ts',
    ],
    because: 'every process has an owner that ends it',
  },
  'claude-agent-sdk': {
    modules: ['@anthropic-ai/claude-agent-sdk'],
    inside: ['libs/engines/**'],
    because: 'use the AgentEngine port',
  },
  'no-backward-wiring': {
    modules: ['@nestjs/common'],
    names: ['forwardRef', 'Global'],
    inside: [],
    because: 'move the border, or publish an event',
  },
  environment: {
    modules: ['node:process', 'process'],
    names: ['env'],
    inside: ['config/**'],
    because: 'add a setting to config/ and inject it',
  },
};

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'data/', 'data-demo/', 'agents/', 'skills/', '.claude/', '**/dist/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        module: 'writable',
        performance: 'readonly',
        process: 'readonly',
        URL: 'readonly',
      },
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // The rule steps back in files with decorators: there an import is also what Nest injects by.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A port's method is async for all its implementations, also for one that has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // `items.map(TaskView.of)` reads well, and a static method has no instance to lose.
      '@typescript-eslint/unbound-method': ['error', { ignoreStatic: true }],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300 }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Add a setting to config/ and inject it.' },
      ],
    },
  },
  { files: ['config/**', ...TOOLS, ...TESTS], rules: { 'no-restricted-properties': 'off' } },
  { files: ['libs/**', 'config/**'], ignores: TESTS, rules: { 'no-console': 'error' } },
  ...keepInside(OWNED, [...TOOLS, ...TESTS]),
  {
    files: TESTS,
    rules: {
      // Answers of a server under test are `any`; the expectations are their check.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
