import { Body, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CurrentCaller, RequireRole, type Caller } from '@app/auth';
import type { Kind } from '../folders/kind.js';
import { authorOf } from '../uploads/author.js';
import type { Author } from '../uploads/folder-changes.js';
import { NoteDto } from '../uploads/note.dto.js';
import { VersionContentView, VersionDiffView, VersionListView } from './version.view.js';
import type { VersionsService } from './versions.service.js';

/** What the routes need to know of a kind. */
export interface VersionedKind {
  kind: Kind;
  /** Throws when there is none of that name now. */
  locate(name: string): Promise<unknown>;
  restore(name: string, digest: string, author: Author): Promise<void>;
}

/**
 * The routes of the versions of one kind; a controller says which. A digest may be cut to its first 8 characters
 * wherever that is unique.
 */
export abstract class VersionsController {
  protected constructor(
    private readonly versions: VersionsService,
    private readonly of: VersionedKind,
  ) {}

  /** Lists what an agent or a skill was, who changed it, when and why; also of one that was deleted. */
  @Get()
  list(@Param('name') name: string): Promise<VersionListView> {
    return this.versions.list(this.of.kind, name, () => this.of.locate(name));
  }

  /** Shows a version with its files; a task has the digest of its agent as `agent_digest`. */
  @Get(':digest')
  get(@Param('name') name: string, @Param('digest') digest: string): Promise<VersionContentView> {
    return this.versions.content(this.of.kind, name, digest);
  }

  /** Compares two versions, file by file. */
  @Get(':from/diff/:to')
  diff(
    @Param('name') name: string,
    @Param('from') from: string,
    @Param('to') to: string,
  ): Promise<VersionDiffView> {
    return this.versions.diff(this.of.kind, name, from, to);
  }

  /** Makes a version the current one again, which is a new step of the history. */
  @Post(':digest/restore')
  @RequireRole('operator')
  @HttpCode(200)
  async restore(
    @Param('name') name: string,
    @Param('digest') digest: string,
    @Body() wish: NoteDto,
    @CurrentCaller() caller: Caller,
  ): Promise<VersionListView> {
    await this.of.restore(name, digest, authorOf(caller, wish));
    return this.list(name);
  }
}
