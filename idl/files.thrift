// Prompts as files: ours, and those of other tools, each with a report of what is lost on the way.
namespace py promptwire.api.files
namespace go promptwire.files

include "prompt.thrift"

/** `promptwire` is our own file, which loses nothing. */
typedef string FileFormat (py.values = "promptwire prompty dotprompt langfuse promptfoo openai")

/** What could not be carried: where it stands, why, and what it was, cut short. */
struct Loss {
  1: required string path
  2: required string reason
  3: string value = ""
}

/** Of the draft, or of the version or label that is named. */
struct ExportRequest {
  1: required string key (api.path = "key")
  2: FileFormat format = "promptwire" (api.query = "format")
  3: optional string version (api.query = "version")
  4: optional string label (api.query = "label")
}

/** A file as text, and what of the prompt it does not hold: paths are those of the prompt. */
struct ExportReply {
  1: required string file
  2: required string text
  3: required list<Loss> losses
}

/** A file to import; without a format its name and what it says decide. */
struct ImportFile {
  1: required string name
  2: required string text
  3: optional FileFormat format
}

/**
 * `keep` false only tells what would be made. A prompt whose key is taken is left alone, or, with `existing` as
 * `version`, gets what the file says as new versions.
 */
struct ImportRequest {
  1: required list<ImportFile> files
  2: bool keep = true
  3: string existing = "skip" (py.values = "skip version")
}

/**
 * A prompt that a file holds: its newest content, and the versions and labels that come with it. `outcome` says what
 * became, or would become of it; `losses` have the paths of the file.
 */
struct ImportedPrompt {
  1: required string file
  2: required FileFormat format
  3: required string key
  4: string name = ""
  5: required prompt.Content content
  6: required string outcome (py.values = "created versions skipped")
  7: list<string> versions = []
  8: list<string> labels = []
  9: required list<Loss> losses
}

/** A file, or a prompt of one, of which nothing can be made. */
struct RefusedFile {
  1: required string file
  2: required string reason
}

struct ImportReply {
  1: required list<ImportedPrompt> prompts
  2: required list<RefusedFile> refused
}

service FilesService {
  ExportReply Export(1: ExportRequest request) (api.get = "/api/prompts/:key/export")
  ImportReply Import(1: ImportRequest request) (api.post = "/api/import")
}
