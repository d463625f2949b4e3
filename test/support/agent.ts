/** Whoever asks for no command of the grammar: what is asked in its name is not counted among the calls of commands. */
export const NOBODY = { version: "0.0.0", command: "test" };
