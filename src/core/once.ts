/** Makes what is asked for when it is first asked for, and gives the same to everyone after that, a rejection included. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
