export class LivenessView {
  status: 'live';
}

export class HealthCheckView {
  name: string;
  ok: boolean;
  duration_ms: number;
  problem?: string;
  /** It does its work, and somebody should see to this. */
  warning?: string;
}

export class ReadinessView {
  status: 'ready';
  /** Only for callers with a key. */
  checks?: HealthCheckView[];
}
