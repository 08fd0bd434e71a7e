import { Controller, Delete, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { RequireRole } from '@app/auth';
import { Paths } from '@app/paths';
import { Backups } from '@app/storage';
import type { Response } from 'express';
import { BackupListView, BackupView } from './backup.view.js';

/** A backup holds everything, so all of this is for administrators. Restoring is done on the machine itself. */
@ApiTags('storage')
@Controller('api/storage/backups')
@RequireRole('admin')
export class BackupsController {
  constructor(
    private readonly backups: Backups,
    private readonly paths: Paths,
  ) {}

  /** Begins a backup; GET shows how far it is. 409 while one is being made. */
  @Post()
  @HttpCode(202)
  create(@Res({ passthrough: true }) response: Response): BackupView {
    const progress = this.backups.start('manual');
    response.setHeader('Location', `/api/storage/backups/${progress.backupId}`);
    return BackupView.ofProgress(progress);
  }

  /** Lists the backups, newest first, with the one that is being made or that failed. */
  @Get()
  async list(): Promise<BackupListView> {
    const stored = await this.backups.list();
    const items = stored.map((backup) => BackupView.of(backup, this.backups.isVerifying(backup.backupId)));
    const { current } = this.backups;
    return { items: current ? [BackupView.ofProgress(current), ...items] : items, next_cursor: null };
  }

  /** Shows a backup, or how far it is. */
  @Get(':id')
  async get(@Param('id') id: string): Promise<BackupView> {
    const { current } = this.backups;
    if (current?.backupId === id) return BackupView.ofProgress(current);
    return BackupView.of(await this.backups.get(id), this.backups.isVerifying(id));
  }

  /** Sends the archive; `Range` goes on with an interrupted download. */
  @Get(':id/download')
  @ApiProduces('application/gzip')
  async download(@Param('id') id: string, @Res() response: Response): Promise<void> {
    const { backupId } = await this.backups.get(id);
    response.setHeader('Content-Type', 'application/gzip');
    response.attachment(`claude-agent-${backupId}.tar.gz`);
    response.sendFile(`${backupId}.tar.gz`, { root: this.paths.backups, cacheControl: false });
  }

  /** Reads the whole backup in the background and compares every entry with its digest; GET shows the result. */
  @Post(':id/verify')
  @HttpCode(202)
  async verify(@Param('id') id: string): Promise<BackupView> {
    await this.backups.verify(id);
    return this.get(id);
  }

  /** Deletes a backup. */
  @Delete(':id')
  @HttpCode(204)
  delete(@Param('id') id: string): Promise<void> {
    return this.backups.remove(id);
  }
}
