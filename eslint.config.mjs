import temporal from 'eslint-plugin-temporal';
import tseslint from 'typescript-eslint';

/** Who may import whom: docs/architecture.md. A room may import itself and those listed; workflows see activities as types. */
const ROOMS = {
  schemas: [],
  lib: ['schemas'],
  plugins: ['schemas', 'lib'],
  activities: ['schemas', 'lib', 'plugins', 'workflows'],
  workflows: ['schemas'],
  infra: ['schemas', 'lib', 'plugins', 'activities', 'workflows'],
  cli: ['schemas', 'lib', 'plugins', 'activities', 'workflows', 'infra'],
};
const ALL = Object.keys(ROOMS);

const rooms = ALL.map((room) => ({
  files: [`${room}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...(room === 'workflows'
            ? [
                {
                  regex: '^(\\.\\./)+activities/',
                  allowTypeImports: true,
                  message: 'Workflows see activities as types only.',
                },
              ]
            : []),
          {
            regex: `^(\\.\\./)+(${ALL.filter((r) => r !== room && !ROOMS[room].includes(r) && !(room === 'workflows' && r === 'activities')).join('|') || '-'})/`,
            message: `${room}/ may import only ${[room, ...ROOMS[room]].join(', ')}.`,
          },
          ...(room === 'workflows' ? [{ regex: '^node:', message: 'Workflows are deterministic: no Node.' }] : []),
          ...(room === 'schemas'
            ? [{ regex: '^(?!zod$|\\./)', message: 'schemas/ imports zod and itself only.' }]
            : []),
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'examples/*/node_modules/', '.lcoms/', '**/*.mjs', '**/*.js'] },
  ...tseslint.configs.recommended,
  ...rooms,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Every random number comes from a seeded Rng (lib/random).' },
      ],
    },
  },
  {
    files: ['workflows/**/*.ts'],
    plugins: { temporal },
    rules: {
      ...temporal.configs?.workflow?.rules,
      // Takes setHandler, which returns nothing, for a promise.
      'temporal/workflow-no-floating-promises': 'off',
      // Takes any exported function for a workflow.
      'temporal/workflow-prefer-single-object-args': 'off',
      // The recorder waits for the next change, however long that takes.
      'temporal/workflow-condition-timeout-style': 'off',
      'no-restricted-globals': ['error', 'process', 'setInterval', 'fetch'],
    },
  },
);
