import { explainReason, type TaskEvent } from '@app/contracts';
import type { Screen } from './screen.js';
import { stripControls } from './strip-controls.js';
import { boundOutput, describeCall } from './tool-text.js';

type Prose = TaskEvent<'task.output' | 'task.message'>['data'];

/** Events of one task as text for a person. Texts come in pieces; the whole text that follows is not shown twice. */
export class TaskRenderer {
  /** What was shown of the text that is being written, unstripped. */
  private streaming: { key: string; text: string } | null = null;
  private readonly calls = new Map<string, string>();

  constructor(private readonly screen: Screen) {}

  show(event: TaskEvent): void {
    if (event.type === 'task.output') return this.showPiece(event.data);
    if (event.type === 'task.message') return this.showWhole(event.data);
    this.streaming = null;
    const line = this.lineFor(event);
    if (line !== null) this.screen.line(line);
  }

  private showPiece(data: Prose): void {
    const key = keyOf(data);
    if (this.streaming?.key !== key) {
      this.screen.endLine();
      this.streaming = { key, text: '' };
    }
    this.streaming.text += data.text;
    this.writeProse(data, data.text);
  }

  private showWhole(data: Prose): void {
    const shown = this.streaming?.key === keyOf(data) ? this.streaming.text : '';
    this.streaming = null;
    if (data.text.startsWith(shown)) {
      if (shown === '') this.screen.endLine();
      this.writeProse(data, data.text.slice(shown.length));
    } else {
      this.screen.endLine();
      this.writeProse(data, data.text);
    }
    this.screen.endLine();
  }

  private writeProse({ kind, parent_tool_use_id }: Prose, text: string): void {
    const plain = stripControls(text);
    const isAside = kind === 'thinking' || parent_tool_use_id !== undefined;
    this.screen.write(isAside && plain !== '' ? this.screen.colors.dim(plain) : plain);
  }

  private lineFor(event: TaskEvent): string | null {
    const { colors } = this.screen;
    switch (event.type) {
      case 'task.queued':
        return event.data.reason ? colors.dim(queuedAgain(event.data.reason, event.data.not_before)) : null;
      case 'task.waiting':
        return colors.yellow(stripControls(`${event.data.title}: ${event.data.resumes_at}`));
      case 'task.started':
        return colors.dim(
          stripControls(
            `${event.data.agent} ${event.data.resumed ? 'goes on' : 'starts'} on ${event.data.machine_id}` +
              (event.data.attempt > 1
                ? `, attempt ${event.data.attempt} of ${event.data.max_attempts}`
                : '') +
              (event.data.title ? `\n${event.data.title}` : ''),
          ),
        );
      case 'task.tool_started': {
        const call = describeCall(event.data.tool, event.data.input);
        this.calls.set(event.data.tool_use_id, call);
        return `${colors.cyan('●')} ${call}`;
      }
      case 'task.tool_finished':
        return this.finishedCall(event.data);
      case 'task.retrying': {
        const { attempt, max_attempts, delay_ms, error } = event.data;
        const wait = (delay_ms / 1000).toFixed(1);
        return colors.yellow(
          stripControls(
            `⟳ Claude did not answer (${error}); attempt ${attempt} of ${max_attempts} in ${wait} s`,
          ),
        );
      }
      case 'task.approval_requested':
        return colors.yellow(`? Waiting for a decision: ${describeCall(event.data.tool, event.data.input)}`);
      case 'task.approval_resolved':
        return colors.dim(`decided: ${event.data.decision}`);
      case 'task.input':
        return colors.bold(`> ${stripControls(event.data.text)}`);
      case 'task.note':
        return event.data.kind === 'credential_changed' && event.data.text
          ? colors.yellow(stripControls(event.data.text))
          : null;
      case 'task.interrupted':
        return colors.dim('stopping …');
      default:
        // The rest is for machines, or is told by the summary at the end.
        return null;
    }
  }

  private finishedCall(data: TaskEvent<'task.tool_finished'>['data']): string {
    const { colors } = this.screen;
    const call = this.calls.get(data.tool_use_id) ?? 'tool';
    this.calls.delete(data.tool_use_id);
    const head = data.is_error ? colors.red(`✗ ${call} failed`) : colors.green(`✓ ${call}`);
    const output = boundOutput(data.output).map((line) => colors.dim(`  ${line}`));
    return [head, ...output].join('\n');
  }
}

function queuedAgain(reason: string, notBefore: string | undefined): string {
  const title = explainReason(reason)?.title ?? reason;
  return stripControls(`queued again: ${title}${notBefore ? `; goes on at ${notBefore}` : ''}`);
}

const keyOf = ({ kind, message_id }: Prose): string => `${kind} ${message_id}`;
