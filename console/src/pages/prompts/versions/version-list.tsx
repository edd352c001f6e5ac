// The versions of a prompt as a list: the newest first, each branch in a lane of its own, labels as chips.
import { Ellipsis, FileDiff, GitBranchPlus, Lock, RotateCcw, Tag } from "lucide-react";
import type { Label, Version } from "@/api/versions";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { Menu, MenuContent, MenuItem, MenuLine, MenuTrigger } from "@/parts/overlay";
import { useText } from "@/text/text";
import { lanes } from "./lineage";
import { When } from "./when";

const LANE_PX = 16;

interface VersionListProps {
  versions: readonly Version[];
  labels: readonly Label[];
  /** The version that is read, or both that are compared. */
  chosen: readonly (string | undefined)[];
  actions: VersionActions;
}

export interface VersionActions {
  open: (version: string) => void;
  compare: (before: string, after: string) => void;
  revert: (version: string) => void;
  label: (version: string) => void;
  branch: (version: string) => void;
}

export function VersionList({ versions, labels, chosen, actions }: VersionListProps) {
  const say = useText();
  const lane = lanes(versions);
  if (versions.length === 0) return <p className="py-6 text-soft">{say("versions.none")}</p>;
  return (
    <ol aria-label={say("tab.versions")}>
      {versions.map((version) => (
        <li
          key={version.version}
          className={cn("relative flex border-line border-b", chosen.includes(version.version) && "bg-ink/5")}
          style={{ paddingLeft: (lane.get(version.branch) ?? 0) * LANE_PX }}
        >
          <button
            type="button"
            className="flex min-w-0 flex-1 gap-3 px-3 py-2.5 text-left hover:bg-ink/4"
            aria-current={chosen.includes(version.version)}
            onClick={() => actions.open(version.version)}
          >
            <Dot merged={version.parents.length > 1} main={version.branch === "main"} />
            <span className="min-w-0 flex-1">
              <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <span className="font-medium font-mono text-[13px]">{version.version}</span>
                {version.branch !== "main" && <span className="text-[12px] text-faint">{version.branch}</span>}
                {version.labels.map((name) => (
                  <Chip key={name} name={name} isKept={isKept(labels, name)} />
                ))}
              </span>
              <span className="block truncate">{version.message || say("versions.silent")}</span>
              <span className="block truncate text-[12px] text-faint">
                {version.author || say("people.nobody")} · <When at={version.created_at} />
              </span>
            </span>
          </button>
          <VersionMenu version={version} actions={actions} />
        </li>
      ))}
    </ol>
  );
}

function isKept(labels: readonly Label[], name: string): boolean {
  return (labels.find((it) => it.name === name)?.keepers.length ?? 0) > 0;
}

function Dot({ merged, main }: { merged: boolean; main: boolean }) {
  return (
    <span
      aria-hidden
      className={cn(
        "mt-1.5 size-2.5 shrink-0 rounded-full border-2",
        main ? "border-ink" : "border-blue",
        !merged && (main ? "bg-ink" : "bg-blue"),
      )}
    />
  );
}

export function Chip({ name, isKept }: { name: string; isKept: boolean }) {
  const say = useText();
  return (
    <span className="inline-flex items-center gap-1 rounded-full bg-blue-wash px-2 py-px font-medium text-[11.5px] text-blue">
      {isKept && <Lock className="size-3" role="img" aria-label={say("labels.protected")} />}
      {name}
    </span>
  );
}

function VersionMenu({ version: { version, parents }, actions }: { version: Version; actions: VersionActions }) {
  const say = useText();
  const parent = parents[0];
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button look="ghost" size="tiny" className="m-2" aria-label={say("form.more", { name: version })}>
          <Ellipsis />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuItem onSelect={() => actions.compare(version, "draft")}>
          <FileDiff /> {say("versions.compareDraft")}
        </MenuItem>
        {parent && (
          <MenuItem onSelect={() => actions.compare(parent, version)}>
            <FileDiff /> {say("versions.comparePrevious", { version: parent })}
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem onSelect={() => actions.label(version)}>
          <Tag /> {say("labels.move")}
        </MenuItem>
        <MenuItem onSelect={() => actions.branch(version)}>
          <GitBranchPlus /> {say("branches.create")}
        </MenuItem>
        <MenuLine />
        <MenuItem onSelect={() => actions.revert(version)}>
          <RotateCcw /> {say("versions.revert")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
