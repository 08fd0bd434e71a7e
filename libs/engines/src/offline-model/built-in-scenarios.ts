import type { Scenario, Step, StepContext, StepUsageLimit } from './script.js';
import { say, think, use } from './script.js';

const inTurn = (steps: (context: StepContext) => Step[]): Scenario => {
  return (context) => {
    const all = steps(context);
    return all[Math.min(context.step, all.length - 1)] ?? { blocks: [say('(no step)')] };
  };
};

const apiError = (status: number, type: string, message: string): Scenario => [
  { error: { status, type, message } },
];

const numberOr = (arg: string | undefined, fallback: number): number => {
  const value = Number(arg);
  return arg && Number.isFinite(value) ? value : fallback;
};

/** `deltas[count@perSecond]`: both halves may be left out. */
function steadyDeltas({ arg }: StepContext): Step {
  const [count, perSecond] = (arg ?? '').split('@');
  return {
    blocks: [say('token '.repeat(numberOr(count, 300)))],
    deltasPerSecond: numberOr(perSecond, 100),
  };
}

/** `seconds[@key]`: without a key it holds for all. */
function usageLimitOf(arg: string | undefined): StepUsageLimit {
  const [seconds, forKey = ''] = (arg ?? '').split('@');
  return { seconds: numberOr(seconds, 5), forKey };
}

function recall({ prompts }: StepContext): Step {
  const earlier = prompts.slice(0, -1);
  const list = earlier.map((prompt, index) => `${index + 1}. ${prompt}`).join('\n');
  return { blocks: [say(`I remember ${earlier.length} earlier prompts.${list ? `\n${list}` : ''}`)] };
}

/** Selected in a prompt by `SCENARIO:name[arg]`; each is described in this folder's README. */
export const BUILT_IN_SCENARIOS: Record<string, Scenario> = {
  plain: [{ blocks: [say('Hello from the offline model. This is a plain answer.')] }],
  echo: ({ prompts }) => ({ blocks: [say(`You said: ${prompts.at(-1) ?? ''}`)] }),
  recall,
  think: [{ blocks: [think('Let me think about this. Step one. Step two.'), say('Thought answer.')] }],

  tooluse: [
    {
      blocks: [
        say('I will write the file.'),
        use('Write', { file_path: 'hello.txt', content: 'hello world\n' }),
      ],
    },
    { blocks: [use('Bash', { command: 'cat hello.txt && ls', description: 'Show the file' })] },
    { blocks: [say('Done: hello.txt written and listed.')] },
  ],
  write: inTurn(({ arg, attempt }) => [
    { blocks: [use('Write', { file_path: arg ?? 'hello.txt', content: `content ${attempt}\n` })] },
    { blocks: [say('Write finished.')] },
  ]),
  read: inTurn(({ arg }) => [
    { blocks: [use('Read', { file_path: arg ?? 'hello.txt' })] },
    { blocks: [say('Read finished.')] },
  ]),
  edit: inTurn(({ arg }) => [
    { blocks: [use('Read', { file_path: arg ?? 'hello.txt' })] },
    { blocks: [use('Edit', { file_path: arg ?? 'hello.txt', old_string: 'hello', new_string: 'goodbye' })] },
    { blocks: [say('Edit finished.')] },
  ]),
  bash: inTurn(({ arg }) => [
    { blocks: [use('Bash', { command: arg ?? 'ls', description: 'Run it' })] },
    { blocks: [say('Bash finished.')] },
  ]),
  skill: inTurn(({ arg }) => [
    { blocks: [use('Skill', { skill: arg ?? '' })] },
    { blocks: [say('Skill finished.')] },
  ]),
  agent: inTurn(({ arg }) => [
    {
      blocks: [
        use('Agent', {
          subagent_type: arg ?? 'general-purpose',
          description: 'Sub task',
          prompt: 'SCENARIO:plain please',
          run_in_background: false,
        }),
      ],
    },
    { blocks: [say('Agent finished.')] },
  ]),
  ask: inTurn(() => [
    {
      blocks: [
        use('AskUserQuestion', {
          questions: [
            {
              question: 'Which color?',
              header: 'Color',
              multiSelect: false,
              options: [
                { label: 'Red', description: 'Warm' },
                { label: 'Blue', description: 'Cold' },
              ],
            },
          ],
        }),
      ],
    },
    { blocks: [say('Asked.')] },
  ]),
  loop: () => ({ blocks: [use('Bash', { command: 'echo loop', description: 'Once more' })] }),

  slow: ({ arg }) => ({ blocks: [say('word '.repeat(numberOr(arg, 300)))], delayMs: 100 }),
  deltas: steadyDeltas,
  hang: [{ hang: true }],
  // Slowly, so that some of the stream has been shown before it is cut.
  cut: [
    {
      blocks: [say('This text arrives whole although its first stream is cut.')],
      delayMs: 20,
      breakOff: 'socket',
    },
  ],
  midstream: [
    { blocks: [say('This text arrives whole although its first stream fails.')], breakOff: 'error-event' },
  ],

  e400: apiError(400, 'invalid_request_error', 'messages: this request is malformed'),
  credit: apiError(
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API.',
  ),
  e401: apiError(401, 'authentication_error', 'invalid x-api-key'),
  e403: apiError(403, 'permission_error', 'Your API key does not have permission to use this resource'),
  e429: ({ arg }) => ({
    error: {
      status: 429,
      type: 'rate_limit_error',
      message: 'This request would exceed your rate limit',
      retryAfterSeconds: numberOr(arg, 1),
    },
  }),
  e500: apiError(500, 'api_error', 'Internal server error'),
  e529: apiError(529, 'overloaded_error', 'Overloaded'),
  quota: inTurn(({ arg }) => [
    { blocks: [use('Write', { file_path: 'before.txt', content: 'before the limit\n' })] },
    { usageLimit: usageLimitOf(arg), blocks: [say('The limit is over.')] },
  ]),
  recover: ({ arg }) => ({
    error: { status: 529, type: 'overloaded_error', message: 'Overloaded', times: numberOr(arg, 2) },
    blocks: [say('Recovered after overload.')],
  }),
};
