/** The address of the page, which holds what is worked at, so that a reload goes on there. */

/**
 * Put what is worked at into the address.
 * @param {Record<string, string | null>} where Names of the job and the cut; null removes one.
 */
export function remember(where) {
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(where)) {
    if (value) hash.set(name, value);
    else hash.delete(name);
  }
  history.replaceState(null, "", hash.size ? `#${hash}` : location.pathname);
}

/** Give the job and the cut that the address names. */
export function remembered() {
  const hash = new URLSearchParams(location.hash.slice(1));
  return { job: hash.get("job"), cut: hash.get("cut") };
}
