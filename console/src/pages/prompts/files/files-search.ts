// What the address of the files page says: the format, and the version when it is not the draft.
import { type FileFormat, FORMATS } from "@/api/files";

export interface FilesSearch {
  format?: FileFormat;
  version?: string;
}

export function filesIn(search: Record<string, unknown>): FilesSearch {
  const format = FORMATS.find((each) => each === search["format"]);
  const version = search["version"];
  return {
    ...(format && format !== "promptwire" && { format }),
    ...((typeof version === "string" || typeof version === "number") && version !== "" && { version: String(version) }),
  };
}
