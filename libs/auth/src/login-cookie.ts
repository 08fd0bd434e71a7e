import { parseCookie } from 'cookie';
import type { CookieOptions } from 'express';

export const LOGIN_COOKIE = 'cca_login';
export const LOGIN_DAYS = 30;

export function readLoginCookie(header: string | undefined): string | null {
  return header === undefined ? null : (parseCookie(header)[LOGIN_COOKIE] ?? null);
}

/** Strict: no request that another site starts carries it. `secure` would lose it on plain http. */
export function loginCookieOptions(secure: boolean): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure, path: '/' };
}
