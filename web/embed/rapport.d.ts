// rapport.d.ts - what a site's own code may call; see docs/tracking.md.
// Copy it beside your sources. `window.rapport ||= []` makes calls wait for the script.

export type RapportCall =
  | ["track", string, Record<string, unknown>?]
  | ["page", string?, Record<string, unknown>?]
  | ["identify", string, Record<string, unknown>?]
  | ["consent", boolean, string?]
  | ["reset"]
  | ["debug", boolean?];

export interface Rapport {
  /** Something happened. `properties` is JSON of at most 29 KB. */
  track(event: string, properties?: Record<string, unknown>): void;
  /** A page is seen that has no address of its own; all others are told by themselves. */
  page(name?: string, properties?: Record<string, unknown>): void;
  /** Who it is, by your own id. Told once they agree. */
  identify(id: string, traits?: Record<string, unknown>): void;
  /** They agree to being known, or do not. `version`: of the words that they read. */
  consent(yes: boolean, version?: string): void;
  /** They signed out: what follows is somebody else's. */
  reset(): void;
  /** Send what waits now. */
  flush(): Promise<void>;
  /** Of this browser, for a server of yours; null: they have not agreed. */
  anonymousId(): string | null;
  /** Say on the console what is sent. */
  debug(on?: boolean): void;
  push(call: RapportCall): void;
}

declare global {
  interface Window { rapport: Rapport | RapportCall[] }
}
