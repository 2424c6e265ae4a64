/** The way in: keeps the secrets of this tab, which nothing else than this tab can read, and goes on to the page. */

for (const name of ["secret", "pass"]) {
  sessionStorage.setItem(`emsync.${name}`, document.querySelector(`meta[name=${name}]`)?.getAttribute("content") ?? "");
}
location.replace(`/${location.hash}`);
