import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Header, Param, ParseEnumPipe, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { OpenApi } from './open-api.js';

/** What the page needs of Swagger UI, and no other file of that package. */
enum Asset {
  css = 'swagger-ui.css',
  bundle = 'swagger-ui-bundle.js',
}

/** Comes with Nest's package: its version is not ours to choose. */
const SWAGGER_UI = 'swagger-ui-dist';

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
  asset(@Param('file', new ParseEnumPipe(Asset)) file: Asset, @Res() response: Response): void {
    response.sendFile(file, { root: swaggerUiFolder(), cacheControl: false });
  }
}

function swaggerUiFolder(): string {
  const require = createRequire(fileURLToPath(import.meta.resolve('@nestjs/swagger')));
  return dirname(require.resolve(`${SWAGGER_UI}/package.json`));
}
