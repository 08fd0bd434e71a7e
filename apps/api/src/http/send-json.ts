import type { Response } from 'express';

/**
 * `response.json` for Express. Its own one reads the type it has just set, copies the text, and looks for an etag and a
 * freshness that answers of the API never have: a twentieth of accepting a task.
 */
export function sendJson(this: Response, body: unknown): Response {
  const text = JSON.stringify(body);
  if (!this.hasHeader('Content-Type')) this.setHeader('Content-Type', 'application/json; charset=utf-8');
  this.setHeader('Content-Length', Buffer.byteLength(text));
  return this.end(text);
}
