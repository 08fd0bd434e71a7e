import { IsIn, IsISO8601, IsOptional, Matches } from 'class-validator';
import { ROLES, type Role } from '@app/contracts';

export class CreateApiKeyDto {
  /** Who or what will use the key. */
  @Matches(/^(?=.*\S)[^\p{Cc}\p{Cf}]{1,100}$/u, { message: 'must be 1 to 100 visible characters' })
  name: string;

  /** What the key may do: viewer reads, operator works with tasks, admin sets up the service. */
  @IsIn(ROLES)
  role: Role;

  /** When the key stops working. Without it, it works until it is revoked. */
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  expires_at?: string;
}
