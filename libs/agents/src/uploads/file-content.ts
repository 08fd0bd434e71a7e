import { plainToInstance } from 'class-transformer';
import { IsBase64, IsBoolean, IsOptional, IsString, ValidateIf, validateSync } from 'class-validator';

/** The content of a file in JSON, where it is not simply its text. */
export class FileContentDto {
  /** UTF-8. */
  @ValidateIf(({ base64 }: FileContentDto) => base64 === undefined)
  @IsString()
  text?: string;

  /** For what is not text. */
  @IsOptional()
  @IsBase64()
  base64?: string;

  /** Without it: whether the file begins with `#!`. */
  @IsOptional()
  @IsBoolean()
  executable?: boolean;
}

/** Null when it is neither text nor such an object. */
export function readFileContent(value: unknown): { content: Buffer; executable: boolean | undefined } | null {
  if (typeof value === 'string') return { content: Buffer.from(value), executable: undefined };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const wish = plainToInstance(FileContentDto, value);
  const problems = validateSync(wish, { whitelist: true, forbidNonWhitelisted: true });
  if (problems.length > 0 || (wish.text !== undefined && wish.base64 !== undefined)) return null;
  const content =
    wish.base64 === undefined ? Buffer.from(wish.text ?? '') : Buffer.from(wish.base64, 'base64');
  return { content, executable: wish.executable };
}
