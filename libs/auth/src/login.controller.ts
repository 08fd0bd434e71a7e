import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { AppError } from '@app/contracts';
import type { Request, Response } from 'express';
import { CurrentCaller, Public, RequireRole, type Caller } from './access.js';
import { LOGIN_COOKIE, loginCookieOptions } from './login-cookie.js';
import { LoginDto } from './login.dto.js';
import { LoginService } from './login.service.js';
import { MeView } from './me.view.js';
import { OriginPolicy } from './origin-policy.js';

@Controller('api/auth')
export class LoginController {
  constructor(
    private readonly logins: LoginService,
    private readonly origins: OriginPolicy,
  ) {}

  /** Logs a browser in: sets a cookie that scripts cannot read, for 30 days. */
  @Post('login')
  @Public()
  @HttpCode(200)
  async start(
    @Body() { key }: LoginDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MeView> {
    const { origin, host } = request.headers;
    // Or another page could log its visitor in as somebody else.
    if (origin !== undefined && !this.origins.originAllowed(origin, host)) {
      throw new AppError('ORIGIN_DENIED', 'Log in on the page of this service.');
    }
    const { token, expiresAt, caller } = await this.logins.logIn(key, request.socket.remoteAddress ?? '');
    response.cookie(LOGIN_COOKIE, token, { ...loginCookieOptions(isHttps(request)), expires: expiresAt });
    return MeView.of(caller);
  }

  /** Ends the browser's login. The key it was made from stays valid. */
  @Post('logout')
  @RequireRole('viewer')
  @HttpCode(204)
  async end(
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.logins.logOut(caller);
    response.clearCookie(LOGIN_COOKIE, loginCookieOptions(isHttps(request)));
  }
}

/** What the browser says about its page: behind a proxy that ends TLS we see plain http ourselves. */
function isHttps(request: Request): boolean {
  return request.headers.origin?.startsWith('https://') ?? request.secure;
}
