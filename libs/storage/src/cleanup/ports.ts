/**
 * What the clean-up must know of sessions and tasks, which this library does not: who keeps them answers. A session is
 * at rest when nothing has happened in it since an instant and none of its tasks waits or runs.
 */
export interface RestingSessions {
  /** Those of them that are at rest, with their last activity; null: there is no such session at all. */
  restingOf(sessionIds: readonly string[], before: string): Promise<Map<string, string | null>>;
  /**
   * Does `take` while nobody can give the session a task. False, and nothing was done: it is no longer at rest.
   * `take` must be quick: others wait.
   */
  takeAtRest(sessionId: string, before: string, take: () => Promise<void>): Promise<boolean>;
}

export interface EndedTaskLog {
  task_id: string;
  created_at: string;
  completed_at: string;
  /** Of its events, about. */
  bytes: number;
}

/** The logs of tasks that have ended. */
export interface EndedTaskLogs {
  /** A page of those that ended before an instant and have events, behind one of an earlier page. */
  endedBefore(before: string, behind: EndedTaskLog | null): Promise<EndedTaskLog[]>;
  /** All events of each or none, in one step. */
  forget(taskIds: readonly string[]): Promise<void>;
}
