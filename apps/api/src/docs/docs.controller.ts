import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Header, Param, ParseEnumPipe, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { OpenApi } from './open-api.js';

/** What the page needs of Swagger UI, and no other file of that package. */
const ASSETS = {
  'swagger-ui.css': 'swagger-ui.css',
  'swagger-ui-bundle.js': 'swagger-ui-bundle.js',
} as const;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Claude Code Agent API</title>
    <link rel="stylesheet" href="/api/docs/assets/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/api/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`;
const START = `SwaggerUIBundle({ url: '/api/docs/openapi.json', dom_id: '#swagger-ui', validatorUrl: null });\n`;

/** Routes like all others, so that the guard stands before them. */
@Controller('api/docs')
@ApiExcludeController()
export class DocsController {
  constructor(private readonly openApi: OpenApi) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page(): string {
    return PAGE;
  }

  @Get('openapi.json')
  document(): Promise<object> {
    return this.openApi.document();
  }

  @Get('start.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  start(): string {
    return START;
  }

  @Get('assets/:file')
  asset(@Param('file', new ParseEnumPipe(ASSETS)) file: string, @Res() response: Response): void {
    response.sendFile(file, { root: swaggerUiFolder(), cacheControl: false });
  }
}

/** Swagger UI comes with Nest's package, not with ours. */
function swaggerUiFolder(): string {
  const require = createRequire(fileURLToPath(import.meta.resolve('@nestjs/swagger')));
  return dirname(require.resolve('swagger-ui-dist/package.json'));
}
