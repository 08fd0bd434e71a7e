import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';

/**
 * Subagents that work on after a turn's result. Claude Code reports their end in a turn that it starts by itself, and
 * an input that is closed before would cut them off. Shells in the background are not waited for: a development
 * server never ends.
 */
export class BackgroundAgents {
  #ids = new Set<string>();

  get isWorking(): boolean {
    return this.#ids.size > 0;
  }

  notice(message: SDKMessage): void {
    if (message.type !== 'system' || message.subtype !== 'background_tasks_changed') return;
    const agents = message.tasks.filter((task) => task.task_type === 'local_agent' && task.ambient !== true);
    this.#ids = new Set(agents.map((task) => task.task_id));
  }
}
