// Where a picture, a file, a text or a variable is added to a message.
import { Braces, FileText, Image, Link2, Paperclip, Type } from "lucide-react";
import { type RefObject, useRef } from "react";
import { Button } from "@/parts/button";
import { Menu, MenuContent, MenuItem, MenuLine, MenuTrigger } from "@/parts/overlay";
import { useText } from "@/text/text";
import { type Part, PICTURE_TYPES, partOf, Refused } from "./attachments";

interface AttachProps {
  /** What is added is said as it is: there are no variables in it. */
  said?: boolean;
  onAdd: (parts: Part[]) => void;
  onRefused: (refused: Refused | undefined) => void;
  className?: string;
}

export function Attach({ said = false, onAdd, onRefused, className }: AttachProps) {
  const say = useText();
  const pictures = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const take = (chosen: FileList | null) => void taken([...(chosen ?? [])], onAdd, onRefused);
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button look="ghost" size="tiny" aria-label={say("parts.add")} className={className}>
            <Paperclip />
          </Button>
        </MenuTrigger>
        <MenuContent>
          <MenuItem onSelect={() => pictures.current?.click()}>
            <Image /> {say("parts.add.picture")}
          </MenuItem>
          <MenuItem onSelect={() => onAdd([{ image_url: "https://" }])}>
            <Link2 /> {say("parts.add.address")}
          </MenuItem>
          <MenuItem onSelect={() => files.current?.click()}>
            <FileText /> {say("parts.add.file")}
          </MenuItem>
          <MenuLine />
          <MenuItem onSelect={() => onAdd([{ text: "" }])}>
            <Type /> {say("parts.add.text")}
          </MenuItem>
          {!said && (
            <MenuItem onSelect={() => onAdd([{ variable: "parts" }])}>
              <Braces /> {say("parts.add.variable")}
            </MenuItem>
          )}
        </MenuContent>
      </Menu>
      <Chooser input={pictures} label={say("parts.add.picture")} accept={PICTURE_TYPES} onChosen={take} />
      <Chooser input={files} label={say("parts.add.file")} onChosen={take} />
    </>
  );
}

interface ChooserProps {
  input: RefObject<HTMLInputElement | null>;
  label: string;
  accept?: string;
  onChosen: (files: FileList | null) => void;
}

function Chooser({ input, label, accept, onChosen }: ChooserProps) {
  return (
    <input
      ref={input}
      type="file"
      multiple
      hidden
      aria-label={label}
      accept={accept}
      onChange={(event) => {
        onChosen(event.target.files);
        event.target.value = "";
      }}
    />
  );
}

/** The parts that `files` become; the first that cannot be one is told. */
export async function taken(
  files: readonly File[],
  onAdd: (parts: Part[]) => void,
  onRefused: (refused: Refused | undefined) => void,
): Promise<void> {
  const made = await Promise.all(files.map(partOf));
  const parts = made.filter((it) => !(it instanceof Refused)) as Part[];
  onRefused(made.find((it) => it instanceof Refused));
  if (parts.length > 0) onAdd(parts);
}
