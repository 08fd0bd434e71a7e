import type { CanUseTool, PermissionResult } from '@anthropic-ai/claude-agent-sdk';
import type { ApprovalDecision, EngineEvent } from '../agent-engine.js';

type Answer = (decision: ApprovalDecision) => void;

/** Tool calls that wait for somebody's decision. Every request gets exactly one `permission.resolved`. */
export class PendingPermissions {
  readonly #emit: (event: EngineEvent) => void;
  readonly #waiting = new Map<string, Answer>();
  #closedBecause: string | null = null;

  constructor(emit: (event: EngineEvent) => void) {
    this.#emit = emit;
  }

  readonly ask: CanUseTool = (tool, input, { requestId, signal, decisionReason, title }) =>
    new Promise<PermissionResult>((resolve) => {
      const answer: Answer = (decision) => {
        if (!this.#waiting.delete(requestId)) return;
        this.#emit({
          type: 'permission.resolved',
          id: requestId,
          behavior: decision.behavior,
          ...(decision.behavior === 'deny' ? { message: decision.message } : {}),
        });
        resolve(
          decision.behavior === 'allow'
            ? { behavior: 'allow', updatedInput: decision.input ?? input }
            : decision,
        );
      };
      this.#waiting.set(requestId, answer);
      const reason = decisionReason ?? title;
      this.#emit({
        type: 'permission.requested',
        id: requestId,
        tool,
        input,
        ...(reason === undefined ? {} : { reason }),
      });
      const withdraw = (): void => answer({ behavior: 'deny', message: 'The request was withdrawn.' });
      if (this.#closedBecause !== null) answer({ behavior: 'deny', message: this.#closedBecause });
      else if (signal.aborted) withdraw();
      else signal.addEventListener('abort', withdraw, { once: true });
    });

  respond(requestId: string, decision: ApprovalDecision): boolean {
    const answer = this.#waiting.get(requestId);
    answer?.(decision);
    return answer !== undefined;
  }

  /** Denies what waits, and everything that is asked from now on. */
  close(message: string): void {
    this.#closedBecause = message;
    for (const answer of [...this.#waiting.values()]) answer({ behavior: 'deny', message });
  }
}
