import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { StorageRoom } from '@app/storage';
import type { Request } from 'express';

/** What changes something: refused while the storage is full, so a new route cannot be forgotten. */
const ADDS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
/** What frees, steers or only looks, and what an operator needs to do that. */
const ALWAYS: readonly RegExp[] = [
  /^\/api\/auth\//,
  /^\/api\/(keys|credentials)(\/|$)/,
  /\/(cancel|validate|verify)$/,
  /^\/api\/storage\/cleanup$/,
];

/** Refuses with 507 `STORAGE_FULL` what would add data when there is no room; reading and deleting go on. */
@Injectable()
export class RoomGuard implements CanActivate {
  constructor(private readonly room: StorageRoom) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { method, path } = context.switchToHttp().getRequest<Request>();
    if (ADDS.has(method) && !ALWAYS.some((place) => place.test(path))) await this.room.assertRoom();
    return true;
  }
}
