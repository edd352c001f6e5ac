"""`promptwire.api.files.FilesService`: prompts leave as files and come from them, and what is lost is said."""

from __future__ import annotations

from typing import Final

from promptwire.api.files import (
    ExportReply,
    ExportRequest,
    ImportedPrompt,
    ImportFile,
    ImportReply,
    ImportRequest,
    Loss,
    RefusedFile,
)
from promptwire.api.prompt import Content, CreatePromptRequest, GetPromptRequest, PromptService
from promptwire.api.version import CommitRequest, FetchRequest, MoveLabelRequest, VersionService
from promptwire.errors import Failure
from promptwire.files.exchange import exported, imported
from promptwire.files.fault import FileError
from promptwire.files.found import Found, FoundVersion, loss
from promptwire.files.prompt_file import ABOUT, Document
from promptwire.prompt.filing import folder, tags
from promptwire.prompt.service import KEY, bad_key
from promptwire.prompt.snippets import Snippets
from promptwire.template.snippets import included

MAX_FILES: Final = 200
MAX_VERSIONS: Final = 1000  # of one prompt


class FilesService:
    """Files of the prompts of a PromptService and a VersionService. Methods raise Failure."""

    def __init__(self, prompts: PromptService, versions: VersionService, snippets: Snippets) -> None:
        self._prompts, self._versions, self._snippets = prompts, versions, snippets

    async def export(self, request: ExportRequest) -> ExportReply:
        """The draft, or a version, as a file."""
        prompt = await self._prompts.get_prompt(GetPromptRequest(key=request.key))
        content = prompt.draft
        if request.version is not None or request.label is not None:
            fetching = FetchRequest(key=request.key, version=request.version, label=request.label)
            content = (await self._versions.fetch(fetching)).content
        losses = [] if request.format == "promptwire" else _included(content)
        if losses:
            content = await self._snippets.put_in(content, request.key)
        document = Document(**{name: getattr(prompt, name) for name in ABOUT}, content=content)
        try:
            made = exported(document, request.format)
        except FileError as error:
            raise Failure(
                "invalid_request", f"{request.key!r} cannot be a file of {request.format}: {error}"
            ) from error
        return ExportReply(file=made.file, text=made.text, losses=[*losses, *made.losses])

    async def import_(self, request: ImportRequest) -> ImportReply:
        """Make prompts of files, or only tell what would be made."""
        if len(request.files) > MAX_FILES:
            raise Failure("invalid_request", f"at most {MAX_FILES} files at once, not {len(request.files)}")
        reply = ImportReply(prompts=[], refused=[])
        for file in request.files:
            await self._file(file, request, reply)
        return reply

    async def _file(self, file: ImportFile, request: ImportRequest, reply: ImportReply) -> None:
        try:
            format_, found = imported(file.name, file.text, file.format)
        except FileError as error:
            reply.refused.append(RefusedFile(file=file.name, reason=str(error)))
            return
        for prompt in found:
            told = _told(prompt, file.name)
            told.format = format_
            try:
                await self._prompt(prompt, told, request, {each.key for each in reply.prompts})
            except Failure as failure:
                reply.refused.append(RefusedFile(file=f"{file.name}: {prompt.key}", reason=failure.message))
            else:
                reply.prompts.append(told)

    async def _prompt(self, found: Found, told: ImportedPrompt, request: ImportRequest, made: set[str]) -> None:
        if not KEY.fullmatch(found.key):
            raise bad_key(found.key)
        found.folder, found.tags = folder(found.folder), tags(found.tags)
        exists = found.key in made or await self._exists(found.key)
        if exists:
            told.outcome = "versions" if request.existing == "version" else "skipped"
        if not request.keep or told.outcome == "skipped":
            return
        if not exists:
            about = {name: getattr(found, name) for name in ABOUT}
            await self._prompts.create_prompt(CreatePromptRequest(**about, draft=found.content))
        told.versions = []
        for version in found.versions[-MAX_VERSIONS:]:
            message = version.message or f"imported from {told.file}"
            commit = await self._versions.commit_version(
                CommitRequest(key=found.key, message=message, content=version.content)
            )
            told.versions.append(commit.version.version)
            for label in version.labels:
                await self._label(told, label, commit.version.version)

    async def _label(self, told: ImportedPrompt, label: str, version: str) -> None:
        try:
            moving = MoveLabelRequest(key=told.key, name=label, version=version, reason=f"imported from {told.file}")
            await self._versions.move_label(moving)
        except Failure as failure:
            told.labels = [each for each in told.labels if each != label]
            told.losses.append(loss("labels", label, failure.message))

    async def _exists(self, key: str) -> bool:
        try:
            await self._prompts.get_prompt(GetPromptRequest(key=key))
        except Failure as failure:
            if failure.class_ != "not_found":
                raise
            return False
        return True


def _included(content: Content) -> list[Loss]:
    """The includes of a prompt, which only a file of ours can hold as includes."""
    reason = "the snippet's text stands in its place: only Promptwire puts it in anew in each run"
    return [loss("messages", f"{{{{> {include.reference}}}}}", reason) for include in included(content)]


def _told(found: Found, file: str) -> ImportedPrompt:
    """What is said of a prompt of a file before anything is made of it."""
    losses = list(found.losses)
    if len(found.versions) > MAX_VERSIONS:
        old = len(found.versions) - MAX_VERSIONS
        losses.append(loss("versions", f"{old} versions", f"the newest {MAX_VERSIONS} are carried"))
    numbered: list[FoundVersion] = found.versions[-MAX_VERSIONS:]
    return ImportedPrompt(
        file=file,
        format="promptwire",
        key=found.key,
        name=found.name,
        content=found.content,
        outcome="created",
        versions=[version.version or "" for version in numbered],
        labels=[label for version in numbered for label in version.labels],
        losses=losses,
    )
