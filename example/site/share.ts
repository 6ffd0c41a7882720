// SPDX-License-Identifier: Apache-2.0

/** Copies a text, and tells whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  // Only pages that came over HTTPS, or from this machine, have a clipboard.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) return false;
  return clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}

/** Copies the address of the page, and says how that went in a sentence. */
export async function copyLink(): Promise<string> {
  return (await copyText(location.href))
    ? "The link is copied. Send it to somebody."
    : `Send this to somebody: ${location.href}`;
}
