/** What an agent or a skill may hold, uploaded or made by hand. Bytes are those of UTF-8. */
export const MAX_CLAUDE_MD_BYTES = 256 * 1024;
export const MAX_FILE_BYTES = 1024 * 1024;
export const MAX_FILES = 200;
export const MAX_TOTAL_BYTES = 16 * 1024 * 1024;
export const MAX_FOLDER_DEPTH = 8;
export const MAX_FRONT_MATTER_BYTES = 16 * 1024;
export const MAX_IMPORT_DEPTH = 5;
export const MAX_INSTRUCTIONS_BYTES = 512 * 1024;
/** Entries of an archive, folders among them: more are refused before one of them is read. */
export const MAX_ARCHIVE_ENTRIES = 1000;
/** What cannot be compressed is a little larger in an archive than it is. */
export const MAX_ARCHIVE_BYTES = MAX_TOTAL_BYTES + 1024 * 1024;
