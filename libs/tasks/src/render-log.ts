import type { TaskEvent } from '@app/contracts';

/** One event as lines of plain text; the deltas are left out, because the message that replaces them follows. */
export function renderEvent(event: TaskEvent): string {
  const time = event.at.slice(11, 19);
  const line = (text: string) => `${time} ${text}\n`;
  const is = <T extends TaskEvent['type']>(type: T): event is TaskEvent<T> => event.type === type;
  if (is('task.output')) return '';
  if (is('task.message')) return line(event.data.kind === 'thinking' ? `(thinking) ${event.data.text}` : event.data.text);
  if (is('task.tool_started')) return line(`> ${event.data.tool} ${JSON.stringify(event.data.input)}`);
  if (is('task.tool_finished')) return line(`${event.data.is_error ? '! ' : '< '}${event.data.output}`);
  if (is('task.created')) return line(`created: ${event.data.prompt}`);
  if (is('task.completed')) return line(`COMPLETED, $${event.data.cost_usd.toFixed(4)}, ${event.data.num_turns} turns`);
  if (is('task.failed')) return line(`FAILED ${event.data.reason ?? ''}: ${event.data.error}`);
  if (is('task.cancelled')) return line('CANCELLED');
  return line(`${event.type.replace('task.', '')} ${JSON.stringify(event.data)}`);
}
