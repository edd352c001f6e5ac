// The place where the versions and labels of the open prompt are offered to the palette.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Label, Version } from "@/api/versions";
import { type Command, useOffered } from "@/parts/commands";
import { labelsQuery, versionsQuery } from "./use-versions";

/** `v3` finds version 3, and the name of a label the version it points at. */
export function versionCommands(
  versions: readonly Version[],
  labels: readonly Label[],
  open: (version: string) => void,
): Command[] {
  const offered = (id: string, label: string, note: string, version: string): Command => ({
    id,
    label,
    note,
    group: "versions",
    perform: () => open(version),
  });
  return [
    ...labels.map(({ name, version }) => offered(`label ${name}`, name, `→ v${version}`, version)),
    ...versions.map(({ version, message, branch }) =>
      offered(`version ${version}`, `v${version}`, branch === "main" ? message : `${branch} · ${message}`, version),
    ),
  ];
}

export function useVersionCommands(key: string): void {
  const navigate = useNavigate();
  const { data: versions } = useQuery(versionsQuery(key));
  const { data: labels } = useQuery(labelsQuery(key));
  const commands = useMemo(() => {
    const open = (version: string) =>
      void navigate({ to: "/prompts/$key/versions", params: { key }, search: { version } });
    return versionCommands(versions ?? [], labels ?? [], open);
  }, [versions, labels, navigate, key]);
  useOffered(commands);
}
