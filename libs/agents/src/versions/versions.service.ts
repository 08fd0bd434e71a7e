import { Injectable } from '@nestjs/common';
import { assertSafeName } from '@app/storage';
import { WORD_OF, type Kind } from '../folders/kind.js';
import { diffFiles } from './diff-files.js';
import { VersionHistory } from './version-history.js';
import { VersionContentView, VersionListView, type VersionDiffView } from './version.view.js';

/** The history as it is shown. */
@Injectable()
export class VersionsService {
  constructor(private readonly history: VersionHistory) {}

  /** `refuse` throws why there is no history of that name. */
  async list(kind: Kind, name: string, refuse: () => Promise<unknown>): Promise<VersionListView> {
    assertSafeName(name, WORD_OF[kind]);
    const entries = await this.history.list(kind, name);
    if (entries.length === 0) await refuse();
    return VersionListView.of(entries);
  }

  /** Throws `VERSION_NOT_FOUND` or `VERSION_DAMAGED`, as `diff` does. */
  async content(kind: Kind, name: string, digest: string): Promise<VersionContentView> {
    assertSafeName(name, WORD_OF[kind]);
    const { entry, files } = await this.history.find(kind, name, digest);
    return VersionContentView.of(entry, files);
  }

  async diff(kind: Kind, name: string, from: string, to: string): Promise<VersionDiffView> {
    assertSafeName(name, WORD_OF[kind]);
    const before = await this.history.find(kind, name, from);
    const after = await this.history.find(kind, name, to);
    return {
      from: before.entry.digest ?? from,
      to: after.entry.digest ?? to,
      items: diffFiles(before.files, after.files),
    };
  }
}
