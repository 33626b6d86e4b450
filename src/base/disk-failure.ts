/** Why something cannot be written, where a system error says so; null for every other error. */
export function diskFailure(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'the file is larger than allowed',
    EROFS: 'the file system is read-only',
    EACCES: 'writing there is not allowed',
    EPERM: 'writing there is not allowed',
  };
  return reasons[code] ?? null;
}
