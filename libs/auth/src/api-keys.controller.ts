import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { RequireRole } from './access.js';
import { ApiKeyService } from './api-key.service.js';
import { ApiKeyListView, ApiKeyView, CreatedApiKeyView } from './api-key.view.js';
import { CreateApiKeyDto } from './create-api-key.dto.js';
import { PARSE_KEY_ID } from './parse-key-id.js';
import { ListApiKeysDto } from './list-api-keys.dto.js';

@Controller('api/keys')
@RequireRole('admin')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeyService) {}

  /** Makes an API key. The answer is the only place where it is shown. */
  @Post()
  async create(@Body() wanted: CreateApiKeyDto): Promise<CreatedApiKeyView> {
    const { row, key } = await this.keys.create(wanted);
    return { ...ApiKeyView.of(row), key };
  }

  /** All API keys, newest first, revoked ones too. */
  @Get()
  async list(@Query() { limit, cursor }: ListApiKeysDto): Promise<ApiKeyListView> {
    const page = await this.keys.list(limit, cursor ?? null);
    return { items: page.items.map((row) => ApiKeyView.of(row)), next_cursor: page.next_cursor };
  }

  /** Revokes an API key and all browser logins made from it, on every machine within a second. */
  @Delete(':key_id')
  @HttpCode(204)
  async revoke(@Param('key_id', PARSE_KEY_ID) keyId: string): Promise<void> {
    await this.keys.revoke(keyId);
  }
}
