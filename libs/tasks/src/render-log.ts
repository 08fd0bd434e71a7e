import { explainReason, type TaskEvent } from '@app/contracts';

/** One event as lines of plain text; the deltas are left out, because the message that replaces them follows. */
export function renderEvent(event: TaskEvent): string {
  const time = event.at.slice(11, 19);
  const line = (text: string) => `${time} ${text}\n`;
  switch (event.type) {
    case 'task.output':
      return '';
    case 'task.message':
      return line(event.data.kind === 'thinking' ? `(thinking) ${event.data.text}` : event.data.text);
    case 'task.tool_started':
      return line(`> ${event.data.tool} ${JSON.stringify(event.data.input)}`);
    case 'task.tool_finished':
      return line(`${event.data.is_error ? '!' : '<'} ${event.data.output}`);
    case 'task.created':
      return line(`created: ${event.data.prompt}`);
    case 'task.queued':
      return line(event.data.reason ? queuedAgain(event.data.reason, event.data.not_before) : 'queued');
    case 'task.waiting':
      return line(`${event.data.title}: ${event.data.resumes_at}`);
    case 'task.started': {
      const { agent, machine_id, attempt, max_attempts, resumed, title } = event.data;
      const how = resumed ? 'with the conversation' : 'with a new conversation';
      const story = title ? ` ${title}.` : '';
      return line(
        `started ${how}: ${agent} on ${machine_id}, attempt ${attempt} of ${max_attempts}.${story}`,
      );
    }
    case 'task.completed':
      return line(`COMPLETED, $${event.data.cost_usd.toFixed(4)}, ${event.data.num_turns} turns`);
    case 'task.failed':
      return line(`FAILED ${event.data.reason ?? ''}: ${event.data.error}`);
    case 'task.cancelled':
      return line('CANCELLED');
    default:
      return line(`${event.type.replace('task.', '')} ${JSON.stringify(event.data)}`);
  }
}

function queuedAgain(reason: string, notBefore: string | undefined): string {
  const title = explainReason(reason)?.title ?? reason;
  return `queued again: ${title}${notBefore ? `; goes on at ${notBefore}` : ''}`;
}
