// Talks to the server. Every failure becomes one ApiFailure that says what happened in a sentence a person can use.

import type { ApiError } from "./types.ts";

const ANSWER_TIMEOUT_MS = 30_000;

/** A request that failed, in one sentence for the reader, with the parameter to blame where the server names one. */
export class ApiFailure extends Error {
  readonly code: string;
  readonly status: number; // 0: no answer at all
  readonly parameter: string | null;
  readonly offset: number | null;

  constructor(message: string, code: string, status: number, parameter: string | null, offset: number | null) {
    super(message);
    this.code = code;
    this.status = status;
    this.parameter = parameter;
    this.offset = offset;
  }
}

/** The server describes its errors as ApiError; anything else that answers in its place may not. */
async function failure(response: Response): Promise<ApiFailure> {
  const body = (await response.text()).slice(0, 20_000);
  try {
    const { error } = JSON.parse(body) as ApiError;
    const at = error.position;
    return new ApiFailure(error.message, error.code, response.status, at?.parameter ?? null, at?.offset ?? null);
  } catch {
    return new ApiFailure(`The server answered ${response.status}.`, "unreadable", response.status, null, null);
  }
}

/** Asks and returns the answer's bytes. Throws ApiFailure; an aborted request throws the signal's own reason. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal, headers: { accept: "application/json" } });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    if (timeout.aborted) throw new ApiFailure(`No answer in ${ANSWER_TIMEOUT_MS / 1000} s.`, "timeout", 0, null, null);
    throw new ApiFailure("The server cannot be reached.", "unreachable", 0, null, null);
  }
  if (!response.ok) throw await failure(response);
  return response;
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, { signal });
  return (await response.json()) as T;
}

export async function postJson<T>(path: string): Promise<T> {
  const response = await request(path, { method: "POST" });
  return (await response.json()) as T;
}

/** True for a request that the page itself gave up: nothing to report. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function failureText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
