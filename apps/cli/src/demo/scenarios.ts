import { say, think, use, type Scenario } from '@app/engines';
import { BUG, FIX, SOURCE_FILE } from './sample-project.js';

/** Named in the prompt, as the offline model wants it. */
export const DEMO_PROMPT =
  'A test of this project fails: the greeting has no name in it. Find the mistake, mend it, and run the tests. (SCENARIO:demo)';

const DELAY_MS = 20;

export const DEMO_SCENARIOS: Record<string, Scenario> = {
  demo: [
    {
      delayMs: DELAY_MS,
      blocks: [
        think('The greeting is made in one small file. I read it before I change anything.'),
        say('I look at the code that makes the greeting.'),
        use('Read', { file_path: SOURCE_FILE }),
      ],
    },
    {
      delayMs: DELAY_MS,
      blocks: [
        say('The name is taken as an argument but never used. I put it in.'),
        use('Edit', { file_path: SOURCE_FILE, old_string: BUG, new_string: FIX }),
      ],
    },
    {
      delayMs: DELAY_MS,
      blocks: [
        say('Now the tests.'),
        use('Bash', { command: 'node --test', description: 'Run the tests of the project' }),
      ],
    },
    {
      delayMs: DELAY_MS,
      blocks: [say(`Mended: ${SOURCE_FILE} now greets by name, and both tests pass.`)],
    },
  ],
  'no-script': [
    {
      blocks: [
        say(
          'This is the demo: its model only reads from a script, so it cannot answer that. Send the text SCENARIO:demo to see the scripted task again, or start the real service with `npm start` and a Claude credential.',
        ),
      ],
    },
  ],
};
