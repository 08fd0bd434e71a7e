/** Bytes that go to Postgres with the statement that stores a new task, which is its own commit, and with no other. */
export const INTAKE = 'task.created';
