import { Controller, Get } from '@nestjs/common';
import { CurrentCaller, type Caller } from './access.js';
import { MeView } from './me.view.js';

@Controller('api/me')
export class MeController {
  /** The key the request came with, and what it may do. */
  @Get()
  get(@CurrentCaller() caller: Caller): MeView {
    return MeView.of(caller);
  }
}
