// The place for what follows from a list of versions: what was made of what, lanes, and which number comes next. All pure.
import type { Branch, Version } from "@/api/versions";

export const MAIN = "main";

/** A version and everything it was made of. */
export function ancestry(versions: readonly Version[], version: string | undefined): ReadonlySet<string> {
  const parents = new Map(versions.map((it) => [it.version, it.parents]));
  const seen = new Set<string>();
  const left = version === undefined ? [] : [version];
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    left.push(...(parents.get(one) ?? []));
  }
  return seen;
}

export function headOf(branches: readonly Branch[], name: string): string | undefined {
  return branches.find((it) => it.name === name)?.head;
}

/** Whether a branch has versions that what was made from `base` does not know. */
export function hasMovedOn(versions: readonly Version[], head: string | undefined, base: string | undefined): boolean {
  return head !== undefined && !ancestry(versions, base).has(head);
}

export interface Behind {
  branch: string;
  head: string;
}

/** Where the branch of a draft is, when it has versions that the draft does not know; a branch that is gone is main. */
export function behind(
  versions: readonly Version[],
  branches: readonly Branch[],
  base: string | undefined,
): Behind | undefined {
  const own = versions.find(({ version }) => version === base)?.branch ?? MAIN;
  const branch = headOf(branches, own) === undefined ? MAIN : own;
  const head = headOf(branches, branch);
  return head !== undefined && hasMovedOn(versions, head, base) ? { branch, head } : undefined;
}

/** The column of each version's branch: main first, the others in the order they began. */
export function lanes(versions: readonly Version[]): ReadonlyMap<string, number> {
  const names = new Set(["main", ...[...versions].reverse().map(({ branch }) => branch)]);
  return new Map([...names].map((name, index) => [name, index]));
}

export interface Next {
  /** The number that is given when nobody says one. */
  number: string;
  patch: string;
  minor: string;
  major: string;
}

/** What the next version may be called. */
export function nextVersions(versions: readonly Version[]): Next {
  const [major, minor, patch] = newestSemver(versions) ?? [0, 0, 0];
  return {
    number: String(versions.length + 1),
    patch: `${major}.${minor}.${patch + 1}`,
    minor: `${major}.${minor + 1}.0`,
    major: `${major + 1}.0.0`,
  };
}

export function isSemver(text: string): boolean {
  return /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]{1,20})?$/.test(text);
}

function newestSemver(versions: readonly Version[]): [number, number, number] | undefined {
  const found = versions
    .filter(({ version }) => isSemver(version))
    .map(({ version }) => version.split("-")[0]?.split(".").map(Number) as [number, number, number]);
  return found.sort((a, b) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2])[0];
}
